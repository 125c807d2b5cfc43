import { randomBytes } from "node:crypto";

import { describe, expect, it } from "vitest";

import type { BlobStore } from "../blobs/blob-store.js";
import { createThrottle } from "../coordination/throttle.js";
import { partDigests } from "./part-digests.js";
import { digestOf } from "./uploads/fixtures.contract.js";

const BLOB = digestOf(randomBytes(10));
const IMAGE = { blobDigest: BLOB, sizeBytes: 250 };
const REQUEST = { partSizeBytes: 100, first: 1, count: 5, isAbandoned: () => false };

/** A library whose store hashes as it is told. */
function libraryOf(hashRanges: BlobStore["hashRanges"]) {
  const refuse = () => Promise.reject(new Error("not asked for"));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- nothing else is called
  const blobs = { hashRanges, openBlob: refuse } as unknown as BlobStore;
  return { blobs, throttle: createThrottle() };
}

describe("partDigests", () => {
  it("asks for what lies within the image, and returns digests", async () => {
    const asked: unknown[] = [];
    const library = libraryOf(async (_, ranges) => {
      asked.push(ranges);
      return ["a".repeat(64)];
    });
    expect(await partDigests(library, IMAGE, REQUEST)).toEqual([`sha256:${"a".repeat(64)}`]);
    expect(asked).toEqual([{ start: 100, end: 250, rangeBytes: 100 }]);
  });

  it("rejects with not-found when the bytes have gone", async () => {
    const library = libraryOf(async () => undefined);
    await expect(partDigests(library, IMAGE, REQUEST)).rejects.toMatchObject({ code: "not-found" });
  });

  describe("when many ask at once", () => {
    it("works for one at a time, lets seven wait and turns the others away", async () => {
      let working = 0;
      let most = 0;
      let open = () => {};
      const gate = new Promise<void>((resolve) => (open = resolve));
      const library = libraryOf(async () => {
        working += 1;
        most = Math.max(most, working);
        await gate;
        working -= 1;
        return [];
      });
      const asked = Array.from({ length: 10 }, () => partDigests(library, IMAGE, REQUEST));
      const settled = Promise.allSettled(asked);
      await expect(asked[8]).rejects.toMatchObject({ code: "unavailable" });
      open();
      const outcomes = (await settled).map(({ status }) => status);
      expect(outcomes).toEqual([...Array(8).fill("fulfilled"), "rejected", "rejected"]);
      expect(most).toBe(1);
      expect(await partDigests(library, IMAGE, REQUEST)).toEqual([]);
    });
  });
});
