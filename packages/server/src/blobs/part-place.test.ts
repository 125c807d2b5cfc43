import { describe, expect, it } from "vitest";

import { partPlace, requirePartPlace } from "./part-place.js";

const UPLOAD = { sizeBytes: 25, partSizeBytes: 10, totalParts: 3 };

describe("partPlace", () => {
  describe("when there is no such part", () => {
    it.each([0, -1, 4, 1.5, Number.NaN, Number.POSITIVE_INFINITY])(
      "returns nothing for %d",
      (n) => {
        expect(partPlace(UPLOAD, n)).toBeUndefined();
      },
    );
  });
});

describe("requirePartPlace", () => {
  it("returns the place of a part, and rejects a number that no part has", () => {
    expect(requirePartPlace(UPLOAD, 3)).toEqual({ offset: 20, sizeBytes: 5 });
    expect(() => requirePartPlace(UPLOAD, 4)).toThrow("the parts 1 to 3");
  });
});
