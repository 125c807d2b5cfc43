import { randomBytes } from "node:crypto";
import type { FileHandle } from "node:fs/promises";

import { describe, expect, it } from "vitest";

import { writeChunks } from "./write-chunks.js";

/** A file that takes at most `most` bytes at a time. */
function reluctantFile(most: number) {
  const bytes = Buffer.alloc(100);
  const take = (source: Uint8Array, position: number) => {
    const bytesWritten = Math.min(source.length, most);
    bytes.set(source.subarray(0, bytesWritten), position);
    return { bytesWritten };
  };
  const handle: Pick<FileHandle, "write" | "writev"> = {
    writev: (async (chunks: Uint8Array[], position: number) =>
      take(Buffer.concat(chunks), position)) as FileHandle["writev"],
    write: (async (buffer: Uint8Array, offset: number, length: number, position: number) =>
      take(buffer.subarray(offset, offset + length), position)) as FileHandle["write"],
  };
  return { bytes, handle: handle as FileHandle };
}

describe("writeChunks", () => {
  describe("when the system takes less than it is given", () => {
    it.each([1, 3, 10, 17, 100])("writes the rest, at most %i bytes at a time", async (most) => {
      const { bytes, handle } = reluctantFile(most);
      const chunks = [randomBytes(10), randomBytes(1), randomBytes(0), randomBytes(20)];
      expect(await writeChunks(handle, chunks, 5)).toBe(36);
      expect(bytes.subarray(5, 36)).toEqual(Buffer.concat(chunks));
    });
  });
});
