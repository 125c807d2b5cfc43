import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { type FileSource, imageHashOfFile, openFileSource } from "./file-source.js";

const MIB = 1024 * 1024;
const BYTES = randomBytes(40 * MIB + 12_345);
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

let folder: string;
let path: string;
let source: FileSource;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sifshelf-hash-"));
  path = join(folder, "x.sif");
  await writeFile(path, BYTES);
  source = await openFileSource(path);
});

afterEach(async () => {
  await source.close();
  await rm(folder, { recursive: true });
});

const hash = async (offset: number, length: number, options = {}) =>
  source.sha256?.(offset, length, options);

describe("openFileSource", () => {
  describe("when a range is hashed", () => {
    it("returns its SHA-256 and tells how far it is", async () => {
      const told: number[] = [];
      const onHashed = (bytes: number) => told.push(bytes);
      expect(await hash(1, BYTES.length - 1, { onHashed })).toBe(sha256(BYTES.subarray(1)));
      expect(told).toEqual([16 * MIB, 32 * MIB, BYTES.length - 1]);
    });

    it("hashes several ranges at once", async () => {
      const ranges = [0, 7, 16 * MIB, 20 * MIB + 1].map((offset) => [offset, 20 * MIB] as const);
      const hashes = await Promise.all(ranges.map(([offset, length]) => hash(offset, length)));
      expect(hashes).toEqual(
        ranges.map(([offset, length]) => sha256(BYTES.subarray(offset, offset + length))),
      );
    });

    it("does the same for the whole file", async () => {
      expect(await imageHashOfFile(path)).toBe(`sha256.${sha256(BYTES)}`);
    });
  });

  describe("when the signal aborts", () => {
    it("rejects with its reason, and other ranges go on", async () => {
      const controller = new AbortController();
      const reason = new Error("enough");
      const stopped = hash(0, BYTES.length, {
        signal: controller.signal,
        onHashed: () => controller.abort(reason),
      });
      const other = hash(5, 32 * MIB);
      await expect(stopped).rejects.toBe(reason);
      expect(await other).toBe(sha256(BYTES.subarray(5, 5 + 32 * MIB)));
    });
  });

  describe("when the file has become shorter", () => {
    it("rejects with source-changed", async () => {
      await truncate(path, 20 * MIB);
      await expect(hash(0, BYTES.length)).rejects.toMatchObject({ code: "source-changed" });
    });
  });

  describe("when it is closed", () => {
    it("rejects what is asked afterwards", async () => {
      await hash(0, 10 * MIB);
      await source.close();
      await expect(hash(0, 10 * MIB)).rejects.toMatchObject({ code: "file-not-readable" });
      source = await openFileSource(path);
    });
  });

  describe("when it is closed meanwhile", () => {
    it("rejects", async () => {
      const hashing = hash(0, BYTES.length);
      await Promise.all([
        expect(hashing).rejects.toMatchObject({ code: "file-not-readable" }),
        source.close(),
      ]);
      source = await openFileSource(path);
    });
  });
});
