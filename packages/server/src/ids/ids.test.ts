import { describe, expect, it } from "vitest";

import { createId, isId } from "./ids.js";

describe("createId", () => {
  it("returns 24 lower-case hex characters, a different one each time", () => {
    const ids = Array.from({ length: 1000 }, () => createId());

    expect(ids.every(isId)).toBe(true);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("returns ids that sort by time, to the millisecond", () => {
    const times = [0, 1, 999, 1000, 1_700_000_000_123, 1_700_000_000_124, 4_294_967_295_999];
    const ids = times.map((time) => createId(time));

    expect(ids.toSorted()).toEqual(ids);
  });
});

describe("isId", () => {
  it.each([
    "",
    "0".repeat(23),
    "0".repeat(25),
    "A".repeat(24),
    `${"0".repeat(24)}\n`,
    "../../../../../../../etc",
  ])("returns false for %j", (text) => {
    expect(isId(text)).toBe(false);
  });
});
