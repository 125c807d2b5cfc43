import { createHash, randomBytes } from "node:crypto";
import { appendFile, mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { createHashLanes } from "./hash-lanes.js";
import { hashWritten } from "./written-hashes.js";

const MIB = 1 << 20;
const lanes = createHashLanes(0);

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sifshelf-written-"));
  path = join(folder, "file");
});
afterEach(() => rm(folder, { recursive: true }));

const hex = (algorithm: string, bytes: Uint8Array) =>
  createHash(algorithm).update(bytes).digest("hex");

describe("hashWritten", () => {
  describe.each([0, 10, MIB, MIB + 1, 20 * MIB + 3])("when %i bytes are written", (size) => {
    it.each([false, true])("returns their hashes, MD5: %s", async (withMd5) => {
      const bytes = randomBytes(size);
      const before = randomBytes(7);
      await writeFile(path, before);
      const hashes = hashWritten({ path, offset: before.length, withMd5 }, lanes);
      for (let at = 0; at < size; at += 3 * MIB) {
        const chunk = bytes.subarray(at, at + 3 * MIB);
        await appendFile(path, chunk);
        await hashes.wrote([chunk.subarray(0, 1), chunk.subarray(1)]);
      }
      const md5 = withMd5 ? hex("md5", bytes) : null;
      expect(await hashes.finish()).toEqual({ sha256: hex("sha256", bytes), md5 });
      hashes.drop();
    });
  });

  describe("when much is written to several files at once", () => {
    it("keeps them apart", async () => {
      const found = await Promise.all(
        Array.from({ length: 6 }, async (_, index) => {
          const bytes = randomBytes(4 * MIB + index);
          const file = join(folder, String(index));
          const hashes = hashWritten({ path: file, offset: 0, withMd5: false }, lanes);
          for (let at = 0; at < bytes.length; at += MIB) {
            await appendFile(file, bytes.subarray(at, at + MIB));
            await hashes.wrote([bytes.subarray(at, at + MIB)]);
          }
          const { sha256 } = await hashes.finish();
          hashes.drop();
          return sha256 === hex("sha256", bytes);
        }),
      );
      expect(found).toEqual(Array(6).fill(true));
    });
  });

  describe("when the file loses what was written", () => {
    it.each<[string, () => Promise<void>]>([
      ["is cut", () => truncate(path, MIB)],
      ["is deleted", () => rm(path)],
    ])("rejects if it %s", async (_, spoil) => {
      const bytes = randomBytes(2 * MIB);
      await writeFile(path, bytes);
      await spoil();
      const hashes = hashWritten({ path, offset: 0, withMd5: false }, lanes);
      const finished = hashes.wrote([bytes]).then(() => hashes.finish());
      await expect(finished).rejects.toBeInstanceOf(Error);
      hashes.drop();
    });
  });

  describe("when it is dropped before the end", () => {
    it("lets the lane go, more than once without harm", async () => {
      const bytes = randomBytes(2 * MIB);
      await writeFile(path, bytes);
      const hashes = hashWritten({ path, offset: 0, withMd5: false }, lanes);
      await hashes.wrote([bytes]);
      hashes.drop();
      hashes.drop();
      const next = hashWritten({ path, offset: 0, withMd5: false }, lanes);
      await next.wrote([bytes]);
      expect((await next.finish()).sha256).toBe(hex("sha256", bytes));
      next.drop();
    });
  });
});
