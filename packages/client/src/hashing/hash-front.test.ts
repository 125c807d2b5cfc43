import { createHash } from "node:crypto";

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { ByteSink } from "../transfer/byte-sink.js";
import { createHashFront } from "./hash-front.js";

const BYTES = new Uint8Array(257).map((_, index) => index * 31);
const SHA256 = createHash("sha256").update(BYTES).digest("hex");

/** The bytes in chunks of these lengths, each with its offset. */
function split(lengths: readonly number[]): [number, Uint8Array][] {
  const chunks: [number, Uint8Array][] = [];
  let offset = 0;
  for (const length of [...lengths, BYTES.byteLength]) {
    const chunk = BYTES.slice(offset, offset + length);
    if (chunk.byteLength > 0) chunks.push([offset, chunk]);
    offset += chunk.byteLength;
  }
  return chunks;
}

const orders = fc
  .array(fc.integer({ min: 1, max: 40 }), { maxLength: 12 })
  .chain((lengths) => fc.shuffledSubarray(split(lengths), { minLength: split(lengths).length }));

describe("createHashFront", () => {
  describe("when chunks arrive in any order", () => {
    it.each([true, false])("hashes all bytes in theirs, sink readable: %s", async (isReadable) => {
      await fc.assert(
        fc.asyncProperty(orders, fc.infiniteStream(fc.boolean()), async (chunks, waits) => {
          const sink: ByteSink = { write: async () => {} };
          const read = async (from: number, length: number) => BYTES.slice(from, from + length);
          const hashed: number[] = [];
          const front = createHashFront(isReadable ? { ...sink, read } : sink, (n) =>
            hashed.push(n),
          );
          for (const [offset, bytes] of chunks) {
            front.arrived(offset, bytes);
            bytes.fill(0);
            if (waits.next().value) await Promise.resolve();
          }
          await front.reached(BYTES.byteLength);
          expect(await front.digestHex()).toBe(SHA256);
          expect(hashed).toEqual(hashed.toSorted((a, b) => a - b));
        }),
        { numRuns: 300, seed: 7 },
      );
    });
  });

  describe("when the sink cannot read back", () => {
    it("rejects those who wait, and refuses what arrives after", async () => {
      const failure = new Error("disk");
      const front = createHashFront(
        { write: async () => {}, read: () => Promise.reject(failure) },
        () => {},
      );
      front.arrived(10, new Uint8Array(10));
      const reached = front.reached(20);
      front.arrived(0, new Uint8Array(10));
      await expect(reached).rejects.toBe(failure);
      expect(() => front.arrived(20, new Uint8Array(1))).toThrow(failure);
      await expect(front.reached(30)).rejects.toBe(failure);
    });
  });
});
