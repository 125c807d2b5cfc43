import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { LibraryClient } from "@sifshelf/client";
import { buildSif } from "@sifshelf/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { pushRaw, type RawLibrary, rawLibrary } from "./raw-library.js";
import { startServerProcess } from "./server-process.js";
import { startTestLibrary, type TestLibrary } from "./test-library.js";

const DEFFILE = "Bootstrap: docker\nFrom: alpine\n# the password is s3cret\n";
const RUNSCRIPT = "#!/bin/sh\nexec /app\n";

let site: TestLibrary;
let library: RawLibrary;
const tokens: Record<"owner" | "reader" | "other", string> = { owner: "", reader: "", other: "" };
let seed = 500_000;

beforeAll(async () => {
  site = await startTestLibrary();
  library = rawLibrary(site.url);
  const owner = await site.addUser("owner");
  tokens.owner = await owner.createToken("write");
  tokens.reader = await owner.createToken("read");
  tokens.other = await (await site.addUser("other")).createToken("write");
});

afterAll(() => site.close());

const push = async (
  collection: string,
  labels: Record<string, string>,
  options: { isPrivate?: boolean; bytes?: Uint8Array } = {},
) => {
  seed += 1;
  const bytes = buildSif({ seed, labels, deffile: DEFFILE, runscript: RUNSCRIPT });
  const names = { entity: "owner", collection, container: "app" };
  return pushRaw(library, { token: tokens.owner, ...names, bytes, ...options });
};

const inspect = (collection: string, token?: string) =>
  library.send("GET", `v1/inspections/owner/${collection}/app:latest`, { token });

const search = async (value: string, token?: string): Promise<string[]> => {
  const path = `v1/search?value=${encodeURIComponent(value)}`;
  const { data } = await library.send("GET", path, { token });
  return data.image.map(({ id }: { id: string }) => id);
};

describe("GET v1/inspections/{ref}", () => {
  describe("when an image has just been pushed", () => {
    it("returns its contents, and from then on the record and searches have its labels", async () => {
      const labels = { "org.example.Flavour": "Crème brûlée", flavour: "vanilla" };
      const { imageId, hash } = await push("fresh", labels);
      const reply = await inspect("fresh");
      expect(reply.data).toEqual({
        image: imageId,
        hash,
        labels,
        deffile: DEFFILE,
        runscript: RUNSCRIPT,
        objects: [
          { id: 1, type: "Def.FILE", name: "", size: DEFFILE.length, group: 1 },
          {
            id: 2,
            type: "JSON.Generic",
            name: "inspect-metadata.json",
            size: expect.any(Number),
            group: 1,
          },
          { id: 3, type: "FS", name: "", size: 4096, group: 1 },
        ],
        objectCount: 3,
        problems: [],
      });
      const record = await library.send("GET", "v1/images/owner/fresh/app:latest");
      expect(record.data).toMatchObject({ labels, uuid: expect.stringMatching(/^[0-9a-f-]{36}$/) });
      for (const text of ["flavour=vanilla", "CRÈME", "example.flavour"]) {
        expect([text, await search(text)]).toEqual([text, [imageId]]);
      }
    });

    it("is supported by the client", async () => {
      const path = "owner/spoken/app";
      const client = new LibraryClient({ baseUrl: site.url, authToken: tokens.owner });
      const bytes = buildSif({ seed: 1, arch: "arm64", labels: { a: "b" } });
      await client.uploadImage(bytes, path, { arch: "arm64", tags: ["v1"] });
      expect(await client.getInspection(`${path}:v1`, { arch: "arm64" })).toMatchObject({
        labels: { a: "b" },
        objectCount: 3,
      });
      expect((await client.getVersion()).features?.inspections).toBe(true);
      await expect(client.getInspection(`${path}:v1`, { arch: "amd64" })).rejects.toMatchObject({
        code: "not-found",
      });
    });
  });

  describe("when the image is private", () => {
    it("shows neither its definition file nor its labels to others", async () => {
      const word = "clandestine";
      const { imageId, hash } = await push("hidden", { [word]: word }, { isPrivate: true });
      for (const token of [tokens.owner, tokens.reader, site.adminToken]) {
        expect((await inspect("hidden", token)).data.deffile).toBe(DEFFILE);
        expect(await search(word, token)).toEqual([imageId]);
      }
      for (const token of [undefined, tokens.other]) {
        const refused = await inspect("hidden", token);
        const missing = await inspect("nowhere", token);
        expect(refused.status).toBe(404);
        expect({ ...refused.error, requestID: "" }).toEqual({ ...missing.error, requestID: "" });
        expect(refused.bytes.toString()).not.toContain("s3cret");
        expect(await search(word, token)).toEqual([]);
        const byHash = `v1/inspections/owner/hidden/app:${hash}`;
        expect((await library.send("GET", byHash, { token })).status).toBe(404);
      }
    });

    it("reveals nothing of a private image to users with a public one of the same bytes", async () => {
      const bytes = buildSif({ seed: 7, labels: { shared: "bytes-of-two" } });
      const secret = await push("first", {}, { bytes, isPrivate: true });
      const open = await push("second", {}, { bytes });
      await inspect("second");
      expect(await search("bytes-of-two")).toEqual([open.imageId]);
      expect((await search("bytes-of-two", tokens.owner)).toSorted()).toEqual(
        [secret.imageId, open.imageId].toSorted(),
      );
      expect((await inspect("first")).status).toBe(404);
    });
  });

  describe("when an image is hostile", () => {
    const metadata = (text: string | Uint8Array) => ({
      dataType: 0x4006,
      name: "inspect-metadata.json",
      data: typeof text === "string" ? Buffer.from(text) : text,
    });
    const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`k${n}`, "v"]));

    it.each([
      ["of 16 MiB", metadata(new Uint8Array(16 * 1024 * 1024)), "document-too-large"],
      ["nested 500 000 deep", metadata("[".repeat(500_000)), "document-malformed"],
      ["cut off", metadata('{"data":{"attributes":{"labels":{"a":"b'), "document-malformed"],
      ["not UTF-8", metadata(Uint8Array.of(0xff, 0xfe, 0xc3, 0x28)), "document-malformed"],
      [
        "with 10 000 labels",
        metadata(JSON.stringify({ data: { attributes: { labels: many } } })),
        "labels-cut",
      ],
    ])("takes the upload and reports metadata %s", async (_, object, code) => {
      const collection = `harm${seed}`;
      await push(collection, {}, { bytes: buildSif({ objects: [object] }) });
      const reply = await inspect(collection);
      expect(reply.status).toBe(200);
      expect(reply.data.problems.map((problem: { code: string }) => problem.code)).toEqual([code]);
      expect((await library.send("GET", `v1/images/owner/${collection}/app:latest`)).status).toBe(
        200,
      );
    });

    it("returns labels with control characters and names of every object's parts escaped", async () => {
      const labels = '{"__proto__":"x","\\u001b[2J\\u0000":"after\\u0000nul","constructor":"y"}';
      const text = `{"data":{"attributes":{"labels":${labels}}}}`;
      const { imageId } = await push(
        "escapes",
        {},
        { bytes: buildSif({ objects: [metadata(text)] }) },
      );
      const reply = await inspect("escapes");
      expect(JSON.stringify(reply.data.labels)).toBe(labels);
      // oxlint-disable-next-line no-control-regex -- looks for just those
      expect(reply.bytes.toString()).not.toMatch(/[\u0000-\u001f]/);
      expect(await search("after nul")).toEqual([imageId]);
    });

    it("keeps a page of search results small, whatever labels are in them", async () => {
      const labels = { huge: "\u0001".repeat(60_000), needle: "in-a-haystack" };
      for (let n = 0; n < 12; n++) {
        const { imageId } = await push(`stack${n}`, labels);
        await inspect(`stack${n}`);
        expect(imageId).toBeDefined();
      }
      const reply = await library.send("GET", "v1/search?value=in-a-haystack");
      expect(reply.data.image).toHaveLength(12);
      expect(reply.bytes.length).toBeLessThan(50_000);
    });
  });
});

describe("a server that is killed after an upload", () => {
  it("inspects pending images after its restart", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sifshelf-inspection-"));
    try {
      const server = await startServerProcess(folder);
      const token = server.adminToken ?? "";
      const names = { entity: "killed", collection: "c", container: "app" };
      const pushes = [1, 2, 3, 4, 5, 6].map((n) =>
        pushRaw(rawLibrary(server.url), {
          token,
          ...names,
          bytes: buildSif({ seed: n, labels: { survivor: `number-${n}` } }),
          tags: [],
        }),
      );
      // Killed when the first is acknowledged; the others are anywhere between their first byte and
      // their inspection.
      const first = await Promise.race(pushes);
      await server.kill();
      await Promise.allSettled(pushes);
      const restarted = await startServerProcess(folder);
      const again = rawLibrary(restarted.url);
      const listOf = async (path: string) => (await again.send("GET", path, { token })).data;
      const { images } = await listOf("v1/containers/killed/c/app");
      const unlabelled = async () => {
        const { image } = await listOf("v1/search?value=survivor%3Dnumber-");
        const found = new Set(image.map(({ id }: { id: string }) => id));
        return images.filter((id: string) => !found.has(id));
      };
      expect(images).toContain(first.imageId);
      await expect.poll(unlabelled, { timeout: 30_000 }).toEqual([]);
      expect(await restarted.stop()).toBe(0);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }, 60_000);
});
