import { randomBytes } from "node:crypto";

import { describe, expect, it } from "vitest";

import { addToSum, EMPTY_SUM } from "./pull-journal.js";

const PAGE_BYTES = 4096;
const BYTES = randomBytes(64 * PAGE_BYTES + 77);

describe("addToSum", () => {
  it.each([0, 1, 255, 256, 1_000_003, 2 ** 40 + 3])(
    "sums a range at %i alike, however it is split",
    (offset) => {
      const whole = addToSum(EMPTY_SUM, offset, BYTES);
      for (const split of [1, 100, 256, 4095, 4096, 70_001, BYTES.byteLength]) {
        const first = addToSum(EMPTY_SUM, offset, BYTES.subarray(0, split));
        expect(addToSum(first, offset + split, BYTES.subarray(split))).toBe(whole);
      }
    },
  );

  it("tells any page that was lost", () => {
    const whole = addToSum(EMPTY_SUM, 0, BYTES);
    for (let page = 0; page < 64; page += 1) {
      const lost = Buffer.from(BYTES);
      lost.fill(0, page * PAGE_BYTES, (page + 1) * PAGE_BYTES);
      expect(addToSum(EMPTY_SUM, 0, lost)).not.toBe(whole);
    }
  });

  it("tells a range from one of which nothing was written", () => {
    const nothing = Buffer.alloc(BYTES.byteLength);
    expect(addToSum(EMPTY_SUM, 512, nothing)).not.toBe(addToSum(EMPTY_SUM, 512, BYTES));
  });
});
