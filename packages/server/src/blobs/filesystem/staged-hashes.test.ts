import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { createHashLanes } from "./hash-lanes.js";
import { createStagedHashes, type StagedHashes } from "./staged-hashes.js";

const PART = 100_000;
const BYTES = randomBytes(7 * PART + 1);
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

let folder: string;
let hashes: StagedHashes;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sifshelf-hashes-"));
  hashes = createStagedHashes((uploadId) => join(folder, uploadId), createHashLanes());
});

afterEach(() => rm(folder, { recursive: true }));

/** Writes a part where it belongs and says so. */
async function arrive(uploadId: string, part: number, bytes: Uint8Array = BYTES): Promise<void> {
  const file = await open(join(folder, uploadId), "a").then(async (made) => {
    await made.close();
    return open(join(folder, uploadId), "r+");
  });
  const slice = bytes.subarray(part * PART, (part + 1) * PART);
  await file.write(slice, 0, slice.length, part * PART);
  await file.close();
  void hashes.arrived(uploadId, part * PART, slice.length);
}

describe("createStagedHashes", () => {
  describe("when parts arrive", () => {
    it.each([
      ["in order", [0, 1, 2, 3, 4, 5, 6, 7]],
      ["in reverse", [7, 6, 5, 4, 3, 2, 1, 0]],
      ["mixed and twice", [3, 0, 7, 3, 1, 0, 2, 6, 5, 4, 4]],
    ])("returns the hash of the whole: %s", async (_, order) => {
      for (const part of order) await arrive("a", part);
      expect(await hashes.finish("a")).toBe(sha256(BYTES));
    });

    it("does not read again what was hashed when it arrived", async () => {
      for (const part of [1, 0, 3, 2, 4, 5, 6]) await arrive("a", part);
      await hashes.arrived("a", 0, PART);
      const file = await open(join(folder, "a"), "r+");
      await file.write(Buffer.alloc(7 * PART), 0, 7 * PART, 0);
      await file.close();
      await arrive("a", 7);
      expect(await hashes.finish("a")).toBe(sha256(BYTES));
    });
  });

  describe("when nothing is known of what arrived, as after a restart", () => {
    it("returns the hash of the file", async () => {
      await writeFile(join(folder, "a"), BYTES);
      expect(await hashes.finish("a")).toBe(sha256(BYTES));
      await arrive("a", 7);
      expect(await hashes.finish("a")).toBe(sha256(BYTES));
    });

    it("rejects when there is none", async () => {
      await expect(hashes.finish("a")).rejects.toMatchObject({ code: "ENOENT" });
    });
  });

  describe("when a part is replaced by other bytes", () => {
    it("returns the hash of what is there now", async () => {
      const others = randomBytes(BYTES.length);
      for (const part of [0, 1, 2, 3, 4, 5, 6, 7]) await arrive("a", part);
      hashes.forget("a");
      await arrive("a", 1, others);
      const mixed = Buffer.from(BYTES);
      mixed.set(others.subarray(PART, 2 * PART), PART);
      expect(await hashes.finish("a")).toBe(sha256(mixed));
    });
  });

  describe("when many uploads are under way", () => {
    it("keeps them apart", async () => {
      const names = Array.from({ length: 30 }, (_, index) => `upload-${index}`);
      const bytesOf = (name: string) => Buffer.concat([BYTES, Buffer.from(name)]);
      for (const part of [1, 0, 2, 3, 4, 5, 6, 7]) {
        await Promise.all(names.map((name) => arrive(name, part, bytesOf(name))));
      }
      const found = await Promise.all(names.map((name) => hashes.finish(name)));
      expect(found).toEqual(names.map((name) => sha256(bytesOf(name))));
    });
  });
});
