import { describe, expect, it } from "vitest";

import { labelTextOf } from "./label-text.js";

describe("labelTextOf", () => {
  describe("when there are labels", () => {
    it("returns a lower-case line for each", () => {
      expect(labelTextOf({ Maintainer: "BRÛLÉE", "a.b": "" })).toBe("maintainer=brûlée\na.b=");
      expect(labelTextOf({})).toBe("");
    });
  });

  describe("when they have characters that are no text", () => {
    it("returns spaces in their place", () => {
      expect(labelTextOf({ "a\n\u0000b": "c\ud800d\u0085\u001be😀" })).toBe("a  b=c d  e😀");
    });
  });

  describe("when there are more than a search looks at", () => {
    it("returns the start of each, and of all", () => {
      expect(labelTextOf({ key: "v".repeat(10_000) })).toBe(`key=${"v".repeat(256)}`);
      const labels = Object.fromEntries(
        Array.from({ length: 10_000 }, (_, n) => [`k${n}`, "v".repeat(500)]),
      );
      const text = labelTextOf(labels);
      expect(text.length).toBeLessThanOrEqual(8192);
      expect(text.length).toBeGreaterThan(7800);
      expect(text.startsWith("k0=v")).toBe(true);
    });
  });
});
