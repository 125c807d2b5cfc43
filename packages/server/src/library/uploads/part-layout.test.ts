import { MAX_UPLOAD_PARTS } from "@sifshelf/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { partPlace } from "../../blobs/part-place.js";
import { MAX_MULTIPART_BYTES, partLayout } from "./part-layout.js";

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

describe("partLayout", () => {
  describe("when an image is small or large", () => {
    it.each([
      [1, 16 * MIB, 1],
      [16 * MIB, 16 * MIB, 1],
      [16 * MIB + 1, 16 * MIB, 2],
      [64 * MIB + 1, 16 * MIB, 5],
      [100 * GIB, 21 * MIB, 4877],
      [1024 * GIB, 210 * MIB, 4994],
      [MAX_MULTIPART_BYTES, 512 * MIB, MAX_UPLOAD_PARTS],
    ])("divides %i bytes into parts of %i", (sizeBytes, partSizeBytes, totalParts) => {
      expect(partLayout(sizeBytes)).toEqual({ partSizeBytes, totalParts });
    });
  });

  it("makes parts that cover the image without gap or overlap, none of them empty", () => {
    const sizes = fc
      .integer({ min: 1, max: 2 ** 31 - 1 })
      .chain((low) => fc.integer({ min: 0, max: 2000 }).map((high) => high * 2 ** 31 + low));
    fc.assert(
      fc.property(sizes, fc.nat(), (sizeBytes, seed) => {
        const upload = { sizeBytes, ...partLayout(sizeBytes) };
        expect(upload.totalParts).toBeLessThanOrEqual(MAX_UPLOAD_PARTS);
        const number = 1 + (seed % upload.totalParts);
        const place = partPlace(upload, number);
        const next = partPlace(upload, number + 1);
        expect(place?.sizeBytes).toBeGreaterThan(0);
        expect((place?.offset ?? 0) + (place?.sizeBytes ?? 0)).toBe(next?.offset ?? sizeBytes);
        expect(partPlace(upload, 1)?.offset).toBe(0);
      }),
    );
  });
});
