import { buildSif, type BuildSifOptions, TEST_FINGERPRINT } from "@sifshelf/testing";
import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";

import {
  type ScriptedReply,
  type ScriptedServer,
  type SeenRequest,
  startScriptedServer,
} from "../testing/scripted-server.js";
import { createTestContext, type TestContext } from "../testing/test-context.js";

const HOSTILE = "\u001b]0;owned\u0007\u202e";
const contexts: TestContext[] = [];
const servers: ScriptedServer[] = [];
afterEach(async () => {
  await Promise.all(contexts.splice(0).map((context) => context.remove()));
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function open(image: BuildSifOptions = {}): Promise<TestContext> {
  const context = await createTestContext();
  contexts.push(context);
  await writeFile(join(context.cwd, "image.sif"), buildSif(image));
  return context;
}

describe("inspect", () => {
  describe("when the image is a file", () => {
    it("prints everything", async () => {
      const context = await open({ signed: true, labels: { maintainer: "alice" } });
      const { exitCode, stdout, stderr } = await context.sifshelf("inspect", "image.sif");
      expect([exitCode, stderr]).toEqual([0, ""]);
      for (const text of ["image.sif\n", "arch ", "amd64", "|TYPE", "maintainer: alice"]) {
        expect(stdout).toContain(text);
      }
      expect(stdout).toContain(TEST_FINGERPRINT.toUpperCase());
      expect(stdout).toContain("\ndefinition file\n");
    });

    it("prints one part as it is", async () => {
      const deffile = "Bootstrap: docker\nFrom: alpine\n\n%labels\n\tA b\n";
      const context = await open({ deffile, runscript: "echo hi\n", labels: { b: "2", a: "1" } });
      const one = async (flag: string) =>
        (await context.sifshelf("inspect", flag, "image.sif")).stdout;
      expect(await one("--deffile")).toBe(deffile);
      expect(await one("--runscript")).toBe("echo hi\n");
      expect(await one("--labels")).toBe("a: 1\nb: 2\n");
      expect(await one("--objects")).toContain("|Def.FILE\n");
    });

    it("prints several parts with headings", async () => {
      const context = await open({ deffile: "Bootstrap: x\n", labels: { a: "1" } });
      const { stdout } = await context.sifshelf("inspect", "--deffile", "--labels", "image.sif");
      expect(stdout).toBe("labels\n  a: 1\n\ndefinition file\n  Bootstrap: x\n");
    });

    it("says on standard error what is not there", async () => {
      const context = await open({ objects: [] });
      const outcome = await context.sifshelf("inspect", "--deffile", "--labels", "image.sif");
      expect(outcome).toMatchObject({ exitCode: 0, stdout: "" });
      expect(outcome.stderr).toContain("no definition file");
      expect(outcome.stderr).toContain("no labels");
    });

    it("prints everything as JSON, whatever is asked for", async () => {
      const context = await open({ signed: true, labels: { a: "1" }, runscript: "echo" });
      const { json } = await context.sifshelf("inspect", "--json", "--labels", "image.sif");
      expect(json).toMatchObject({
        ok: true,
        source: "image.sif",
        arch: "amd64",
        primaryArch: "amd64",
        objects: 4,
        primary: 3,
        signed: true,
        encrypted: false,
        oci: false,
        fingerprints: [TEST_FINGERPRINT],
        labels: { a: "1" },
        runscript: "echo",
        objectList: expect.arrayContaining([
          expect.objectContaining({ id: 1, type: "Def.FILE", group: 1 }),
        ]),
        problems: [],
      });
    });

    it("never lets text of the image reach the terminal as it is", async () => {
      const data = new TextEncoder().encode(`A: ${HOSTILE}\n`);
      const context = await open({
        launchScript: `#!${HOSTILE}`,
        labels: { [HOSTILE]: HOSTILE },
        runscript: HOSTILE,
        deffile: HOSTILE,
      });
      await writeFile(
        join(context.cwd, "names.sif"),
        buildSif({ objects: [{ dataType: 0x4007, data, name: `../../${HOSTILE}` }] }),
      );
      for (const argv of [
        ["inspect", "image.sif"],
        ["inspect", "--json", "image.sif"],
        ["inspect", "--labels", "image.sif"],
        ["inspect", "names.sif"],
        ["sif", "info", "1", "names.sif"],
        ["sif", "header", "image.sif"],
        ["sif", "list", "--json", "names.sif"],
      ]) {
        const { exitCode, stdout, stderr } = await context.sifshelf(...argv);
        expect(exitCode).toBe(0);
        expect((stdout + stderr).replaceAll("\n", "")).not.toMatch(/[\p{Cc}\u202e]/u);
      }
    });

    it("reports documents that cannot be read and shows the rest", async () => {
      const text = (value: string) => new TextEncoder().encode(value);
      const context = await open({
        objects: [
          { dataType: 0x4006, data: text("{"), name: "inspect-metadata.json" },
          { dataType: 0x4001, data: text("Bootstrap: x\n") },
        ],
      });
      const { json } = await context.sifshelf("inspect", "--json", "image.sif");
      expect(json).toMatchObject({
        deffile: "Bootstrap: x\n",
        problems: [{ code: "document-malformed", objectId: 1 }],
      });
    });

    it.each([
      ["an empty file", new Uint8Array(), "sif-too-short"],
      ["a file that is no image", new Uint8Array(4_096), "sif-bad-magic"],
      ["an image that was cut off", buildSif().subarray(0, 30_000), "sif-table-range"],
    ])("refuses %s", async (_, bytes, code) => {
      const context = await open();
      await writeFile(join(context.cwd, "bad.sif"), bytes);
      const { exitCode, json } = await context.sifshelf("inspect", "--json", "bad.sif");
      expect([exitCode, json]).toEqual([
        6,
        expect.objectContaining({ ok: false, code, error: expect.objectContaining({ code }) }),
      ]);
    });
  });

  describe("when the image is in a library", () => {
    const image = buildSif({ payloadBytes: 20 * 1024 * 1024, labels: { a: "1" } });
    const hash = `sha256.${createHash("sha256").update(image).digest("hex")}`;
    const record = { id: "a".repeat(24), hash, size: image.byteLength, uploaded: true };

    function answer(request: SeenRequest): ScriptedReply | undefined {
      const { url, rawHeaders } = request;
      if (url.startsWith("/v1/images/a/b/c:latest?arch=amd64")) return { json: { data: record } };
      if (url.startsWith("/v1/imagefile/")) {
        return { status: 303, headers: { location: "/signed?token=x" } };
      }
      if (!url.startsWith("/signed")) return undefined;
      const range = rawHeaders[rawHeaders.findIndex((name) => /^range$/i.test(name)) + 1] ?? "";
      const [first = 0, last = 0] = (/\d+-\d+/.exec(range)?.[0] ?? "").split("-").map(Number);
      const headers = { "content-range": `bytes ${first}-${last}/${image.byteLength}` };
      return { status: 206, headers, body: image.subarray(first, last + 1) };
    }

    async function openLibrary(reply = answer) {
      const server = await startScriptedServer(reply);
      servers.push(server);
      const context = await open();
      context.env["SIFSHELF_LIBRARY"] = server.origin;
      return { context, server };
    }

    it("fetches a few small ranges", async () => {
      const { context, server } = await openLibrary();
      const { exitCode, json } = await context.sifshelf("inspect", "--json", "library://a/b/c");
      expect(exitCode).toBe(0);
      expect(json).toMatchObject({ source: "library://a/b/c:latest", labels: { a: "1" } });
      expect(json).toMatchObject({ sizeBytes: image.byteLength });
      const ranges = server.requests.filter(({ url }) => url.startsWith("/signed"));
      expect(ranges.length).toBeLessThanOrEqual(2);
    });

    it("reads what is asked for by other commands, too", async () => {
      const { context } = await openLibrary();
      const { stdout } = await context.sifshelf("sif", "dump", "1", "a/b/c");
      expect(stdout).toContain("Bootstrap");
      const verified = await context.sifshelf("verify", "--json", "a/b/c:latest");
      expect(verified).toMatchObject({ exitCode: 6 });
      expect(verified.json).toMatchObject({ code: "signature-not-found" });
    });

    it("reads the front where the library sends images whole", async () => {
      const { context } = await openLibrary((request) =>
        request.url.startsWith("/v1/imagefile/") ? { body: image } : answer(request),
      );
      const { json } = await context.sifshelf("inspect", "--json", "a/b/c");
      expect(json).toMatchObject({ ok: true, labels: { a: "1" } });
    });

    it("fails as other commands do when the library does not have it", async () => {
      const { context } = await openLibrary();
      const { exitCode, json } = await context.sifshelf("inspect", "--json", "a/b/other");
      expect([exitCode, json]).toEqual([3, expect.objectContaining({ code: "not-found" })]);
    });
  });
});
