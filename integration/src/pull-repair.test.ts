import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { LibraryClient } from "@sifshelf/client";
import { imageHashOfFile, openFileSource, pullToFile } from "@sifshelf/client/node";
import { writeSifFile } from "@sifshelf/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { startTestLibrary, type TestLibrary } from "./test-library.js";

const MIB = 1024 * 1024;
const REF = "alice/repair/app";

let site: TestLibrary;
let folder: string;
let sha256: string;

beforeAll(async () => {
  site = await startTestLibrary();
  folder = await mkdtemp(join(tmpdir(), "sifshelf-repair-"));
  const path = join(folder, "pushed.sif");
  ({ sha256 } = await writeSifFile(path, { seed: 77, payloadBytes: 40 * MIB }));
  const source = await openFileSource(path);
  const client = new LibraryClient({ baseUrl: site.url, authToken: site.adminToken });
  await client.uploadImage(source, REF, { arch: "amd64" });
  await source.close();
});

afterAll(async () => {
  await site.close();
  await rm(folder, { recursive: true, force: true });
});

/**
 * A `fetch` that flips a bit of the byte at each of these offsets of the image, once, and records
 * the requested ranges.
 */
function flippingFetch(offsets: readonly number[]) {
  const left = new Set(offsets);
  const ranges: string[] = [];
  const fetchFlipped = async (input: string | URL, init?: RequestInit) => {
    const response = await fetch(input, init);
    const range = new Headers(init?.headers).get("range");
    if (range !== null) ranges.push(range);
    if (response.status !== 206 || response.body === null) return response;
    let position = Number(/bytes (\d+)-/.exec(response.headers.get("content-range") ?? "")?.[1]);
    const flip = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        for (const offset of left) {
          const index = offset - position;
          if (index < 0 || index >= chunk.byteLength || !left.delete(offset)) continue;
          chunk[index] = (chunk[index] ?? 0) ^ 4;
        }
        position += chunk.byteLength;
        controller.enqueue(chunk);
      },
    });
    return new Response(response.body.pipeThrough(flip), response);
  };
  return { ranges, fetchFlipped };
}

describe("a pull into a file from the real server", () => {
  describe("when bits flip in transit", () => {
    it("fetches only the damaged parts again, and completes the right file", async () => {
      const { ranges, fetchFlipped } = flippingFetch([13 * MIB + 5, 29 * MIB]);
      const client = new LibraryClient({ baseUrl: site.url, fetch: fetchFlipped });
      const path = join(folder, "pulled.sif");
      const pulled = await pullToFile(client, { ref: REF, path }, { arch: "amd64" });
      expect(pulled).toMatchObject({ repairedBytes: 2 * MIB, transferred: true });
      expect(await imageHashOfFile(path)).toBe(`sha256.${sha256}`);
      expect(ranges.slice(-2).toSorted()).toEqual([
        `bytes=${13 * MIB}-${14 * MIB - 1}`,
        `bytes=${29 * MIB}-${30 * MIB - 1}`,
      ]);
      expect((await readdir(folder)).toSorted()).toEqual(["pulled.sif", "pushed.sif"]);
    });
  });
});
