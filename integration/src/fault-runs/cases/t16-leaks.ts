import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { LibraryClient } from "@sifshelf/client";
import { openFileSource } from "@sifshelf/client/node";
import { writeSifFile } from "@sifshelf/testing";

import { startTestLibrary, type TestLibrary } from "../../test-library.js";
import { inNewFolder } from "../fault-bench.js";
import { type FaultCase, WHOLE } from "../fault-case.js";
import type { ManyPulls } from "../many-pulls.js";

/** The built module, since it runs as a separate process. */
const PROGRAM = fileURLToPath(new URL("../../../dist/fault-runs/many-pulls.js", import.meta.url));

const KIB = 1024;
const PAYLOADS = { small: 8 * KIB, middle: 700 * KIB, large: 18 * KIB * KIB };

/** Allowed growth of the heap in bytes per pull: less than any object that a pull could leak. */
const MAX_HEAP_SLOPE = 64;

/** Minimum number of pulls for a meaningful slope. */
const SLOPE_PULLS = 5_000;

/**
 * Pulls in one process, three quarters of them aborted at random; none may leave anything behind.
 */
export function leakCase(pulls: number): FaultCase {
  return {
    id: "T16",
    title: "pulls leave nothing behind, and nothing keeps running after they end",
    seeds: 1,
    // A sample with fewer pulls is in leaks.test.ts.
    sampleEvery: 0,
    open: async () => {
      const library = await startTestLibrary();
      await pushImages(library);
      const name = `${pulls.toLocaleString("en")} pulls in one process, most of them aborted`;
      const run = async (seed: number) => {
        await pullOften(library, pulls, seed);
        return WHOLE;
      };
      return { variants: [{ name, run, maxRunMs: 60 * 60_000 }], close: () => library.close() };
    },
  };
}

export const T16 = leakCase(10_000);

async function pushImages({ url, adminToken }: TestLibrary): Promise<void> {
  const client = new LibraryClient({ baseUrl: url, authToken: adminToken });
  await inNewFolder(async (folder) => {
    for (const [index, [name, payloadBytes]] of Object.entries(PAYLOADS).entries()) {
      const path = join(folder, name);
      await writeSifFile(path, { seed: index + 1, payloadBytes });
      const source = await openFileSource(path);
      await client.uploadImage(source, `admin/leaks/${name}`, { arch: "amd64", tags: ["1.0"] });
      await source.close();
    }
  });
}

async function pullOften({ url }: TestLibrary, pulls: number, seed: number): Promise<void> {
  const args = ["--expose-gc", PROGRAM, url, String(pulls), String(seed)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const result: ManyPulls = JSON.parse(stdout);
  process.stderr.write(process.env["SIFSHELF_SHOW_LEAKS"] === undefined ? "" : stdout);
  assert.ok(result.whole > 0 && result.aborted > 0, "there were no pulls of both kinds");
  const [early, late] = result.held;
  assert.ok(early !== undefined && late !== undefined);
  // Idle connections are kept; their number varies.
  assert.ok(late.files <= early.files + 8, `${early.files}, later ${late.files} open descriptors`);
  assert.ok(late.threads <= early.threads, `${early.threads}, later ${late.threads} threads`);
  if (pulls < SLOPE_PULLS) return;
  const slope = result.heapBytesPerPull;
  assert.ok(slope <= MAX_HEAP_SLOPE, `the heap grows by ${slope.toFixed(0)} bytes per pull`);
}
