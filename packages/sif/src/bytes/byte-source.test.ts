import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  blobByteSource,
  type ByteSource,
  isByteSourceError,
  memoryByteSource,
} from "./byte-source.js";
import { openFileByteSource } from "../node/file-byte-source.js";

const BYTES = new Uint8Array([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "byte-source-"));
  await writeFile(join(folder, "ten"), BYTES);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

type Opened = ByteSource & { close?: () => Promise<void> };
const sources: [string, () => Promise<Opened>][] = [
  ["memoryByteSource", async () => memoryByteSource(BYTES)],
  ["blobByteSource", async () => blobByteSource(new Blob([BYTES]))],
  ["openFileByteSource", () => openFileByteSource(join(folder, "ten"))],
];

describe.each(sources)("%s", (_name, open) => {
  const withSource = async (use: (source: ByteSource) => Promise<void>) => {
    const source = await open();
    try {
      await use(source);
    } finally {
      await source.close?.();
    }
  };

  it("returns exactly the range that was asked for", () =>
    withSource(async (source) => {
      expect(source.size).toBe(10);
      expect([...(await source.read(2, 3))]).toEqual([2, 3, 4]);
      expect([...(await source.read(10, 0))]).toEqual([]);
      expect([...(await source.read(0, 10))]).toEqual([...BYTES]);
    }));

  it.each([
    [0, 11],
    [9, 2],
    [-1, 1],
    [1, -1],
    [0.5, 1],
    [Number.NaN, 1],
    [2 ** 53, 1],
  ])("rejects the range %d +%d", (offset, length) =>
    withSource(async (source) => {
      await expect(source.read(offset, length)).rejects.toMatchObject({ code: "source-range" });
    }),
  );

  it("rejects with the reason of an aborted signal", () =>
    withSource(async (source) => {
      const reason = new Error("stopped");
      const signal = AbortSignal.abort(reason);
      await expect(source.read(0, 1, { signal })).rejects.toBe(reason);
    }));
});

describe("openFileByteSource", () => {
  it("rejects a folder", async () => {
    await expect(openFileByteSource(folder)).rejects.toSatisfy(
      (error) => isByteSourceError(error) && error.code === "source-not-a-file",
    );
  });

  it("rejects a read of bytes that were cut off after opening", async () => {
    const path = join(folder, "shrinking");
    await writeFile(path, BYTES);
    const source = await openFileByteSource(path);
    try {
      await truncate(path, 5);
      await expect(source.read(0, 10)).rejects.toMatchObject({ code: "source-short-read" });
    } finally {
      await source.close();
    }
  });
});
