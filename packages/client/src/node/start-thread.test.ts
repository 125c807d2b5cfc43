import { once } from "node:events";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import { build } from "esbuild";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { startThread } from "./start-thread.js";

const built = (name: string) => fileURLToPath(new URL(`../../dist/node/${name}`, import.meta.url));

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sifshelf-thread-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** `startThread`, bundled into one file. */
async function bundled(): Promise<{ startThread: typeof startThread }> {
  const outfile = join(folder, "bundle.mjs");
  const entryPoints = [built("start-thread.js")];
  await build({ entryPoints, outfile, bundle: true, format: "esm", platform: "node" });
  return await import(pathToFileURL(outfile).href);
}

describe("startThread in a bundle", () => {
  it("starts the program that lies beside the bundle", async () => {
    const bundle = await bundled();
    await copyFile(built("write-file.worker.js"), join(folder, "write-file.worker.js"));
    const worker = bundle.startThread("write-file", 0) ?? expect.fail("no thread");
    await once(worker, "online");
    expect(await worker.terminate()).toBe(1);
  });

  it("starts nothing where the program was left behind", async () => {
    const bundle = await bundled();
    expect(bundle.startThread("write-file", 0)).toBeUndefined();
  });
});
