import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runInNewContext } from "node:vm";

import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const entry = (name: string) => fileURLToPath(new URL(`../dist/${name}.js`, import.meta.url));

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sifshelf-bundle-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("the main entry", () => {
  describe("when it is bundled for browsers", () => {
    it.each(["index", "go-compat/index"])("needs no module of Node: %s", async (name) => {
      const outfile = join(folder, `${name}.js`);
      const options = { bundle: true, write: false, platform: "browser", format: "iife" } as const;
      const { outputFiles, metafile } = await build({
        entryPoints: [entry(name)],
        outfile,
        ...options,
        globalName: "sifshelf",
        metafile: true,
        logLevel: "silent",
      });
      const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
      expect(imports).toEqual([]);
      expect(outputFiles[0]?.text).not.toContain('require("node:');
    });

    it("pushes and hashes with nothing but what browsers have", async () => {
      const { outputFiles } = await build({
        stdin: { contents: SCRIPT.replace("ENTRY", entry("index")), resolveDir: folder },
        bundle: true,
        write: false,
        platform: "browser",
        format: "iife",
        logLevel: "silent",
      });
      const code = outputFiles[0]?.text ?? "";
      const { promise, resolve } = deferred<unknown>();
      const platform = {
        Blob,
        ReadableStream,
        TransformStream,
        ByteLengthQueuingStrategy,
        Response,
        Headers,
        URL,
        URLSearchParams,
        TextEncoder,
        TextDecoder,
        AbortController,
        AbortSignal,
        setTimeout,
        setInterval,
        clearInterval,
        clearTimeout,
        structuredClone,
        performance,
        Uint8Array,
        ArrayBuffer,
        document: {},
        report: resolve,
      };
      runInNewContext(code, platform);
      expect(await promise).toEqual({
        hash: "sha256.ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        sent: {
          isBlob: true,
          size: 3,
          redirect: "error",
          headers: { "content-type": "application/octet-stream" },
        },
        uploaded: true,
      });
    });
  });
});

/** Runs in the bundle: a push of `abc` through a fetch that acts as a library. */
const SCRIPT = `
import { imageHash, LibraryClient } from "ENTRY";
let sent;
const data = (value) => new Response(JSON.stringify({ data: value }));
const fetch = async (url, init) => {
  if (url.includes("/uploads")) {
    sent = { isBlob: init.body instanceof Blob, size: init.body.size, redirect: init.redirect, headers: init.headers };
    return new Response("");
  }
  if (url.endsWith("/version")) return data({ apiVersion: "2.0.0-alpha.2" });
  if (url.includes("/v2/imagefile/a") && init.method === "POST") {
    return data({ uploadURL: "https://storage.example/uploads/a" });
  }
  return data({ id: "a" });
};
const push = async () => {
  const source = new Blob(["abc"]);
  const hash = await imageHash(source);
  const client = new LibraryClient({ fetch });
  const { uploaded } = await client.uploadImage(source, "e/c/n", { arch: "amd64", tags: [] });
  return { hash, sent, uploaded };
};
push().then(report, (error) => report(String(error.stack)));
`;

function deferred<T>() {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
