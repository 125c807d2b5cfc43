import { describe, expect, it } from "vitest";
import { type ByteSource, memoryByteSource } from "../bytes/byte-source.js";
import { DATA_CHUNK_BYTES, readChunks } from "../bytes/read-chunks.js";
import { objectStream, readSmallObject } from "./object-data.js";
import { readSif } from "./read-sif.js";
import { objectById } from "../../testing/object-by-id.js";
import { handMadeSif } from "../../testing/hand-made-sif.js";

describe("readChunks", () => {
  it("yields the range in chunks of bounded size", async () => {
    const bytes = new Uint8Array(2 * DATA_CHUNK_BYTES + 10).map((_, index) => index % 251);
    const sizes: number[] = [];
    const seen: number[] = [];
    const range = { offset: 3, size: bytes.length - 5 };
    for await (const chunk of readChunks(memoryByteSource(bytes), range)) {
      sizes.push(chunk.length);
      seen.push(chunk[0] ?? -1);
    }
    expect(sizes).toEqual([DATA_CHUNK_BYTES, DATA_CHUNK_BYTES, 5]);
    expect(seen[1]).toBe((3 + DATA_CHUNK_BYTES) % 251);
  });

  it("reads one chunk ahead and no more", async () => {
    let reads = 0;
    const inner = memoryByteSource(new Uint8Array(10 * DATA_CHUNK_BYTES));
    const source: ByteSource = {
      size: inner.size,
      read(offset, length) {
        reads += 1;
        return inner.read(offset, length);
      },
    };
    for await (const _ of readChunks(source, { offset: 0, size: inner.size })) break;
    expect(reads).toBe(2);
  });

  it("rejects with the error of the source", async () => {
    const failure = new Error("gone");
    const source: ByteSource = { size: 10, read: () => Promise.reject(failure) };
    await expect(readChunks(source, { offset: 0, size: 10 }).next()).rejects.toBe(failure);
  });
});

describe("objectStream", () => {
  it("returns the bytes of an object", async () => {
    const image = await readSif(memoryByteSource(handMadeSif()));
    const text = await new Response(objectStream(image, objectById(image, 1))).text();
    expect(text).toBe("recipe 123");
  });
});

describe("readSmallObject", () => {
  it("returns null for an object over the limit", async () => {
    const image = await readSif(memoryByteSource(handMadeSif()));
    const object = objectById(image, 1);
    expect(await readSmallObject(image, object, { maxBytes: 9 })).toBeNull();
    expect(await readSmallObject(image, object, { maxBytes: 10 })).toHaveLength(10);
  });
});
