import { describe, expect, it } from "vitest";

import { defaultPartSize, firstConcurrency } from "./part-sizes.js";
import { missingRanges, partsOf } from "../transfer/byte-range.js";

const MIB = 1024 * 1024;

describe("defaultPartSize", () => {
  it.each([
    [0, 1],
    [1, 1],
    [16 * MIB - 1, 16 * MIB - 1],
    [16 * MIB, 8 * MIB],
    [512 * MIB, 8 * MIB],
    [512 * MIB + 1, 16 * MIB],
    [1024 * MIB, 16 * MIB],
    [100 * 1024 * MIB, 64 * MIB],
  ])("cuts %d bytes into parts of %d", (sizeBytes, partBytes) => {
    expect(defaultPartSize(sizeBytes)).toBe(partBytes);
  });
});

describe("firstConcurrency", () => {
  it.each([
    [0, 4],
    [1, 4],
    [14.9, 4],
    [20, 6],
    [50, 16],
    [300, 100],
  ])("begins after %d ms with %d parts", (latencyMs, parts) => {
    expect(firstConcurrency(latencyMs)).toBe(parts);
  });
});

describe("missingRanges", () => {
  it("finds what lies between, before and after", () => {
    const present = [
      { offset: 10, length: 10 },
      { offset: 20, length: 5 },
      { offset: 40, length: 60 },
    ];
    expect([...missingRanges(100, present)]).toEqual([
      { offset: 0, length: 10 },
      { offset: 25, length: 15 },
    ]);
    expect([...missingRanges(100, [])]).toEqual([{ offset: 0, length: 100 }]);
    expect([...missingRanges(0, [])]).toEqual([]);
  });
});

describe("partsOf", () => {
  it("splits a range in order, the last part shorter", () => {
    expect([...partsOf({ offset: 5, length: 7 }, 3)]).toEqual([
      { offset: 5, length: 3 },
      { offset: 8, length: 3 },
      { offset: 11, length: 1 },
    ]);
  });
});
