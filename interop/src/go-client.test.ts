import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { TEST_FINGERPRINT } from "@sifshelf/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import {
  GO_SKIPPED,
  GO_VERSIONS,
  type GoDriver,
  type GoReport,
  HAS_GO,
  buildGoDriver,
  succeeded,
} from "./go-driver.js";
import { type ImageFile, writeImageFile } from "./image-file.js";
import { withStatus, idOf, oldClient } from "./old-client.js";
import { type RunningLibrary, startLibrary } from "./running-library.js";
import { sha256OfFile } from "./sha256-of-file.js";

const MIB = 2 ** 20;
/** Above this many bytes the Go client uses a multipart upload. */
const MULTIPART_ABOVE_BYTES = 64 * MIB;
const ANONYMOUS = "";
const WRONG_TOKEN = `sifs_${"x".repeat(251)}`;

let folder: string;
let amd64: ImageFile;
let arm64: ImageFile;
let signed: ImageFile;
let large: ImageFile;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sifshelf-go-client-"));
  amd64 = await writeImageFile(folder, "amd64.sif", {
    seed: 1,
    arch: "amd64",
    payloadBytes: 100_000,
  });
  arm64 = await writeImageFile(folder, "arm64.sif", {
    seed: 2,
    arch: "arm64",
    payloadBytes: 90_000,
  });
  signed = await writeImageFile(folder, "signed.sif", { seed: 3, signed: true });
  large = await writeImageFile(folder, "large.sif", {
    seed: 4,
    payloadBytes: MULTIPART_ABOVE_BYTES + 12_345,
  });
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe.skipIf(!HAS_GO).each(GO_VERSIONS)(
  `Go client $version${GO_SKIPPED}`,
  ({ version, hasConcurrentPull }) => {
    let library: RunningLibrary;
    let go: GoDriver;
    let alice: string;
    let bob: string;

    beforeAll(async () => {
      const [driverOf, started] = await Promise.all([
        buildGoDriver(version, folder),
        startLibrary(),
      ]);
      library = started;
      go = driverOf(library.url);
      alice = await library.addUser("alice");
      bob = await library.addUser("bob");
    });

    afterAll(async () => {
      await library?.stop();
    });

    /** Pushes an image as alice and fails the test if that fails. */
    async function push(image: ImageFile, path: string, arch = "amd64", tags = "latest") {
      return succeeded(await go(alice, "push", image.path, path, arch, tags, `image of ${path}`));
    }

    /**
     * Pulls into a new file with the command and its arguments, which omit OUT; returns the file's
     * SHA-256.
     */
    async function pull(token: string, command: string, ...args: readonly string[]) {
      const out = join(folder, `pulled-${version}.sif`);
      await rm(out, { force: true });
      const report = succeeded(
        await go(token, command, ...args.slice(0, 3), out, ...args.slice(3)),
      );
      return { report, sha256: await sha256OfFile(out) };
    }

    /** Returns the hashes of the images that an anonymous search finds, in order. */
    async function foundHashes(...terms: readonly string[]): Promise<string[]> {
      const { result } = succeeded(await go(ANONYMOUS, "search", ...terms));
      return images(result)
        .map(({ hash }) => hash)
        .toSorted();
    }

    describe("version", () => {
      it("returns a semantic API version that unlocks v2 uploads and arch tags", async () => {
        const { result } = succeeded(await go(ANONYMOUS, "version"));
        expect(result).toEqual({
          version: expect.stringMatching(/^\d+\.\d+\.\d+/),
          apiVersion: "2.0.0-alpha.2",
        });
      });
    });

    describe("push", () => {
      describe("when the image is small", () => {
        let pushed: GoReport;

        beforeAll(async () => {
          pushed = await push(amd64, "alice/push/small", "amd64", "latest,1.0");
        });

        it("returns the quota and the container's path", () => {
          expect(pushed.result).toEqual({
            quota: { quotaTotal: expect.any(Number), quotaUsage: expect.any(Number) },
            containerUrl: expect.stringMatching(/alice\/push\/small$/),
          });
        });

        it("sends the bytes once, to a URL that needs no Authorization", () => {
          const bytes = pushed.requests.filter(
            ({ method, path }) => method === "PUT" && !path.startsWith("/v2/imagefile/"),
          );
          expect(bytes).toEqual([{ method: "PUT", path: expect.any(String), status: 200 }]);
        });

        it.each(["latest", "1.0"])("sets the tag %s", async (tag) => {
          const { result } = succeeded(
            await go(ANONYMOUS, "get-image", `alice/push/small:${tag}`, "amd64"),
          );
          expect(result).toMatchObject({
            hash: amd64.hash,
            size: amd64.size,
            uploaded: true,
            arch: "amd64",
            signed: false,
            encrypted: false,
            description: "image of alice/push/small",
            entityName: "alice",
            collectionName: "push",
            containerName: "small",
            tags: expect.arrayContaining(["latest", "1.0"]),
          });
        });

        it("sends nothing if the image exists, and sets the new tag", async () => {
          const { requests, result } = await push(amd64, "alice/push/small", "amd64", "again");
          expect(result).toBeNull();
          expect(requests.filter(({ method }) => method !== "GET")).toEqual([
            expect.objectContaining({
              method: "POST",
              path: expect.stringMatching(/^\/v2\/tags\//),
            }),
          ]);
          const image = succeeded(
            await go(ANONYMOUS, "get-image", "alice/push/small:again", "amd64"),
          );
          expect(image.result).toMatchObject({ hash: amd64.hash });
        });
      });

      describe("when the image is above 64 MiB", () => {
        let pushed: GoReport;

        beforeAll(async () => {
          pushed = await push(large, "alice/push/large");
        });

        it("uploads in parts", () => {
          const announced = uploadCalls(pushed, "_multipart");
          expect(announced.at(0)).toMatchObject({ method: "POST" });
          expect(announced.length).toBeGreaterThan(2);
          expect(uploadCalls(pushed, "_multipart_complete")).toHaveLength(1);
          expect(uploadCalls(pushed, "_complete")).toEqual([]);
        });

        it("returns the quota and the container's path", () => {
          expect(pushed.result).toMatchObject({
            quota: { quotaUsage: expect.any(Number) },
            containerUrl: expect.stringMatching(/alice\/push\/large$/),
          });
        });

        it("can be pulled", async () => {
          const { sha256 } = await pull(
            ANONYMOUS,
            "pull-single",
            "alice/push/large",
            "latest",
            "amd64",
          );
          expect(sha256).toBe(large.sha256);
        });
      });

      describe("when several push the same at once", () => {
        it.each(["small", "large"])("stores the %s image once and fails none", async (size) => {
          const image = size === "small" ? arm64 : large;
          const path = `alice/push/parallel-${size}`;
          const args = [image.path, path, "arm64", "latest", ""];
          const pushes = Array.from(
            { length: size === "small" ? 6 : 2 },
            async () => await go(alice, "push", ...args),
          );
          for (const report of await Promise.all(pushes)) succeeded(report);
          const { result } = succeeded(await go(ANONYMOUS, "search", `value=parallel-${size}`));
          expect(images(result).map(({ hash }) => hash)).toEqual([image.hash]);
          const { sha256 } = await pull(ANONYMOUS, "pull-single", path, image.hash, "");
          expect(sha256).toBe(image.sha256);
        });
      });

      describe("when another arch has the tag", () => {
        beforeAll(async () => {
          await push(amd64, "alice/push/arches", "amd64", "1.0");
          await push(arm64, "alice/push/arches", "arm64", "1.0");
        });

        it.each(["amd64", "arm64"])("gives %s its own image", async (arch) => {
          const { result } = succeeded(
            await go(ANONYMOUS, "get-image", "alice/push/arches:1.0", arch),
          );
          const expected = arch === "amd64" ? amd64 : arm64;
          expect(result).toMatchObject({ arch, hash: expected.hash });
          const { sha256 } = await pull(ANONYMOUS, "pull-single", "alice/push/arches", "1.0", arch);
          expect(sha256).toBe(expected.sha256);
        });

        it("finds nothing for a third", async () => {
          const report = await go(ANONYMOUS, "get-image", "alice/push/arches:1.0", "riscv64");
          expect(report.error?.isNotFound).toBe(true);
        });
      });

      describe("when the caller lacks the right", () => {
        beforeAll(async () => {
          await push(amd64, "alice/guarded/image");
        });

        it.each(["alice/guarded/image", "alice/guarded/new", "alice/new/new"])(
          "refuses another user's push to %s with a message",
          async (path) => {
            const report = await go(bob, "push", arm64.path, path, "arm64", "latest", "");
            expect(report.error?.text).toMatch(/\w+ .*\w \(403 Forbidden\)$/);
            const image = await go(ANONYMOUS, "get-image", `${path}:latest`, "arm64");
            expect(image.error?.isNotFound).toBe(true);
          },
        );

        it("refuses to move another user's tag", async () => {
          const report = await go(
            bob,
            "push",
            amd64.path,
            "alice/guarded/image",
            "amd64",
            "mine",
            "",
          );
          expect(report.error?.text).toMatch(/\(403 Forbidden\)$/);
          const image = await go(ANONYMOUS, "get-image", "alice/guarded/image:mine", "amd64");
          expect(image.error?.isNotFound).toBe(true);
        });

        it("refuses anonymous callers and wrong tokens as unauthorized", async () => {
          for (const token of [ANONYMOUS, WRONG_TOKEN]) {
            const report = await go(
              token,
              "push",
              amd64.path,
              "carol/new/new",
              "amd64",
              "latest",
              "",
            );
            expect(report.error?.text).toMatch(/\(401 Unauthorized\)$/);
          }
        });
      });

      describe("when a tag is not valid", () => {
        it("refuses with a message", async () => {
          const report = await go(
            alice,
            "push",
            amd64.path,
            "alice/push/tags",
            "amd64",
            "No Tag",
            "",
          );
          expect(report.error?.text).toMatch(/\(400 Bad Request\)$/);
        });
      });

      describe("when the file is not a SIF", () => {
        it("refuses with a message and does not show the image", async () => {
          const source = join(import.meta.dirname, "go-client.test.ts");
          const report = await go(alice, "push", source, "alice/push/text", "amd64", "latest", "");
          expect(report.error?.text).toMatch(/\(422 Unprocessable Entity\)$/);
          const image = await go(ANONYMOUS, "get-image", "alice/push/text:latest", "amd64");
          expect(image.error?.isNotFound).toBe(true);
        });
      });
    });

    describe("pull", () => {
      beforeAll(async () => {
        await push(amd64, "alice/pull/small");
        await push(large, "alice/pull/large");
      });

      it("gets the bytes in one stream by tag", async () => {
        const { sha256 } = await pull(
          ANONYMOUS,
          "pull-single",
          "alice/pull/small",
          "latest",
          "amd64",
        );
        expect(sha256).toBe(amd64.sha256);
      });

      it("gets the bytes in one stream by hash", async () => {
        const { sha256 } = await pull(
          alice,
          "pull-single",
          "alice/pull/small",
          amd64.hash,
          "amd64",
        );
        expect(sha256).toBe(amd64.sha256);
      });

      it("reports that an unknown image was not found", async () => {
        const report = await go(
          ANONYMOUS,
          "pull-single",
          "alice/pull/none",
          "latest",
          "amd64",
          join(folder, "none"),
        );
        expect(report.error?.text).toMatch(/not found/);
      });

      it("reports that a wrong token is unauthorized", async () => {
        const report = await go(
          WRONG_TOKEN,
          "pull-single",
          "alice/pull/small",
          "latest",
          "amd64",
          join(folder, "none"),
        );
        expect(report.error?.text).toMatch(/unauthorized/i);
      });

      describe.skipIf(!hasConcurrentPull)("with several parts at once", () => {
        it.each([
          { image: "small", concurrency: 1, partSize: 1024 },
          { image: "small", concurrency: 8, partSize: 257 },
          { image: "small", concurrency: 4, partSize: 65_536 },
          { image: "small", concurrency: 4, partSize: 100 * MIB },
          { image: "large", concurrency: 3, partSize: 5 * MIB },
          { image: "large", concurrency: 8, partSize: MIB },
          { image: "large", concurrency: 1, partSize: 200 * MIB },
        ])(
          "gets the $image image, $concurrency at a time, in parts of $partSize bytes",
          async ({ image, concurrency, partSize }) => {
            const { sha256, report } = await pull(
              alice,
              "pull-concurrent",
              `alice/pull/${image}`,
              "latest",
              "amd64",
              String(concurrency),
              String(partSize),
            );
            const source = image === "small" ? amd64 : large;
            expect(sha256).toBe(source.sha256);
            const ranges = report.requests.filter(({ range }) => range !== undefined);
            expect(ranges.map(({ status }) => status)).toEqual(ranges.map(() => 206));
            expect(ranges.length).toBeGreaterThanOrEqual(Math.ceil(source.size / partSize));
          },
        );

        it("gets an image by hash, for anonymous callers too", async () => {
          const args = ["alice/pull/small", amd64.hash, "amd64", "3", "30000"];
          const { sha256 } = await pull(ANONYMOUS, "pull-concurrent", ...args);
          expect(sha256).toBe(amd64.sha256);
        });

        it("reports that an unknown image was not found and a wrong token unauthorized", async () => {
          const rest = ["latest", "amd64", join(folder, "none"), "3", "1024"];
          const unknown = await go(ANONYMOUS, "pull-concurrent", "alice/pull/none", ...rest);
          expect(unknown.error?.text).toMatch(/not found/);
          const wrong = await go(WRONG_TOKEN, "pull-concurrent", "alice/pull/small", ...rest);
          expect(wrong.error?.text).toMatch(/unauthorized/i);
        });
      });
    });

    describe("search", () => {
      beforeAll(async () => {
        await push(amd64, "alice/search/haystack", "amd64", "1.0,2.0");
        await push(arm64, "alice/search/haystack", "arm64", "1.0");
        await push(signed, "alice/search/haystack-signed");
      });

      it("finds images of an arch, with the fields of the list", async () => {
        const { result } = succeeded(await go(ANONYMOUS, "search", "value=haystack", "arch=amd64"));
        expect(
          images(result).toSorted((a, b) => (a.containerName < b.containerName ? -1 : 1)),
        ).toEqual([
          expect.objectContaining({
            hash: amd64.hash,
            entityName: "alice",
            collectionName: "search",
            containerName: "haystack",
            tags: expect.arrayContaining(["1.0", "2.0"]),
          }),
          expect.objectContaining({
            hash: signed.hash,
            containerName: "haystack-signed",
            signed: true,
            fingerprints: [expect.stringMatching(new RegExp(TEST_FINGERPRINT, "i"))],
          }),
        ]);
      });

      it("finds images of several archs", async () => {
        expect(await foundHashes("value=haystack", "arch=arm64")).toEqual([arm64.hash]);
        const all = [amd64.hash, arm64.hash, signed.hash].toSorted();
        expect(await foundHashes("value=haystack", "arch=amd64,arm64")).toEqual(all);
      });

      it("finds only signed, or only unsigned images", async () => {
        const arch = "arch=amd64";
        expect(await foundHashes("value=haystack", arch, "signed=true")).toEqual([signed.hash]);
        expect(await foundHashes("value=haystack", arch, "signed=false")).toEqual([amd64.hash]);
      });

      it("finds containers if no arch is given", async () => {
        const { result } = succeeded(await go(ANONYMOUS, "search", "value=haystack-signed"));
        expect(result).toMatchObject({
          container: [{ name: "haystack-signed", entityName: "alice" }],
        });
      });

      it("returns empty lists if nothing matches", async () => {
        const { result } = succeeded(await go(ANONYMOUS, "search", "value=needle", "arch=amd64"));
        expect(images(result)).toEqual([]);
      });
    });

    describe("short refs", () => {
      beforeAll(async () => {
        const { adminToken } = library;
        succeeded(
          await go(adminToken, "push", amd64.path, "library/default/short", "amd64", "1.0", ""),
        );
        succeeded(
          await go(adminToken, "push", arm64.path, "library/other/short", "arm64", "1.0", ""),
        );
      });

      it.each([
        ["short", "amd64"],
        ["default/short", "amd64"],
        ["other/short", "arm64"],
      ])("lead from %s to the library's own entity", async (path, arch) => {
        const expected = arch === "amd64" ? amd64 : arm64;
        const { result } = succeeded(await go(ANONYMOUS, "get-image", `${path}:1.0`, arch));
        expect(result).toMatchObject({ hash: expected.hash, entityName: "library" });
        const { sha256 } = await pull(ANONYMOUS, "pull-single", path, "1.0", arch);
        expect(sha256).toBe(expected.sha256);
      });
    });

    describe("delete", () => {
      it("removes the image of one arch from every lookup", async () => {
        const path = "alice/delete/one";
        await push(amd64, path, "amd64", "1.0");
        await push(arm64, path, "arm64", "1.0");
        succeeded(await go(alice, "delete", `${path}:1.0`, "amd64"));
        for (const ref of [`${path}:1.0`, `${path}:${amd64.hash}`]) {
          expect((await go(alice, "get-image", ref, "amd64")).error?.isNotFound).toBe(true);
        }
        expect((await go(alice, "delete", `${path}:1.0`, "amd64")).error?.isNotFound).toBe(true);
        const other = succeeded(await go(alice, "get-image", `${path}:1.0`, "arm64"));
        expect(other.result).toMatchObject({ hash: arm64.hash });
      });

      it("removes by hash, and the image can be pushed again", async () => {
        const path = "alice/delete/again";
        await push(amd64, path);
        succeeded(await go(alice, "delete", `${path}:${amd64.hash}`, "amd64"));
        expect((await go(alice, "get-image", `${path}:latest`, "amd64")).error?.isNotFound).toBe(
          true,
        );
        await push(amd64, path);
        const { sha256 } = await pull(ANONYMOUS, "pull-single", path, "latest", "amd64");
        expect(sha256).toBe(amd64.sha256);
      });

      it("refuses others", async () => {
        const path = "alice/delete/guarded";
        await push(amd64, path);
        const byBob = await go(bob, "delete", `${path}:latest`, "amd64");
        expect(byBob.error?.text).toMatch(/\(403 Forbidden\)$/);
        const byNobody = await go(ANONYMOUS, "delete", `${path}:latest`, "amd64");
        expect(byNobody.error?.text).toMatch(/\(401 Unauthorized\)$/);
        succeeded(await go(ANONYMOUS, "get-image", `${path}:latest`, "amd64"));
      });
    });

    describe("a private image", () => {
      const path = "alice/secret/image";

      beforeAll(async () => {
        const owner = oldClient(library.url, `Bearer ${alice}`);
        const entity = withStatus(
          await owner.json("POST", "/v1/entities", { name: "alice" }),
          200,
          201,
        );
        const collection = { name: "secret", entity: idOf(entity), private: true };
        withStatus(await owner.json("POST", "/v1/collections", collection), 200, 201);
        await push(amd64, path);
      });

      it("is read by its owner", async () => {
        const { result } = succeeded(await go(alice, "get-image", `${path}:latest`, "amd64"));
        expect(result).toMatchObject({ hash: amd64.hash });
        const single = await pull(alice, "pull-single", path, "latest", "amd64");
        expect(single.sha256).toBe(amd64.sha256);
        const found = succeeded(await go(alice, "search", "value=secret", "arch=amd64"));
        expect(images(found.result).map(({ hash }) => hash)).toEqual([amd64.hash]);
      });

      it.runIf(hasConcurrentPull)("is pulled in parts by its owner", async () => {
        const args = [path, "latest", "amd64", "4", "10000"];
        expect((await pull(alice, "pull-concurrent", ...args)).sha256).toBe(amd64.sha256);
      });

      it.each(["anonymous", "another user"])("is not found by %s", async (who) => {
        const token = who === "anonymous" ? ANONYMOUS : bob;
        const out = join(folder, "none");
        for (const tag of ["latest", amd64.hash]) {
          const image = await go(token, "get-image", `${path}:${tag}`, "amd64");
          expect(image.error?.isNotFound).toBe(true);
          const file = await go(token, "pull-single", path, tag, "amd64", out);
          expect(file.error?.text).toMatch(/not found/);
        }
        const found = succeeded(await go(token, "search", "value=secret", "arch=amd64"));
        expect(images(found.result)).toEqual([]);
      });
    });

    describe("a wrong token", () => {
      it("is unauthorized, also for public images", async () => {
        await push(amd64, "alice/public/image");
        const report = await go(WRONG_TOKEN, "get-image", "alice/public/image:latest", "amd64");
        expect(report.error?.isNotFound).toBe(false);
        expect(report.error?.text).toMatch(/\(401 Unauthorized\)$/);
      });
    });
  },
);

/** The requests of a push for `v2/imagefile/{id}/{step}`. */
function uploadCalls({ requests }: GoReport, step: string) {
  return requests.filter(
    ({ path }) => path.startsWith("/v2/imagefile/") && path.endsWith(`/${step}`),
  );
}

interface FoundImage {
  readonly hash: string;
  readonly containerName: string;
}

/** The images of a search's result; Go prints an empty list as null. */
function images(result: unknown): readonly FoundImage[] {
  expect(result).toHaveProperty("image");
  const { image } = result as { readonly image: readonly FoundImage[] | null };
  return image ?? [];
}
