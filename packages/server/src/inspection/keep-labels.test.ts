import { describe, expect, it } from "vitest";

import { keepLabels } from "./keep-labels.js";
import { MAX_LABEL_KEY_LENGTH, MAX_LABELS, MAX_LABELS_LENGTH } from "./limits.js";

const numbered = (count: number, value: string) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, value]));

describe("keepLabels", () => {
  describe("when there are few", () => {
    it("returns them all", () => {
      const labels = { version: "1", "": "empty key" };
      const padded = { ...labels, ["k".repeat(MAX_LABEL_KEY_LENGTH)]: "longest" };
      expect(keepLabels(padded)).toEqual({ labels: padded, isCut: false });
      expect(keepLabels({})).toEqual({ labels: {}, isCut: false });
    });
  });

  describe("when there are too many", () => {
    it("returns the first, and says so", () => {
      expect(keepLabels(numbered(MAX_LABELS, "v"))).toMatchObject({ isCut: false });
      const { labels, isCut } = keepLabels(numbered(10_000, "v"));
      expect(labels).toEqual(numbered(MAX_LABELS, "v"));
      expect(isCut).toBe(true);
    });
  });

  describe("when some are too large", () => {
    it("leaves those out and returns the others", () => {
      const labels = {
        first: "1",
        huge: "x".repeat(MAX_LABELS_LENGTH),
        ["k".repeat(MAX_LABEL_KEY_LENGTH + 1)]: "key too long",
        last: "2",
      };
      expect(keepLabels(labels)).toEqual({ labels: { first: "1", last: "2" }, isCut: true });
    });

    it("keeps no more text than the limit", () => {
      const { labels } = keepLabels(numbered(100, "x".repeat(1000)));
      const length = Object.entries(labels).join("").length;
      expect(length).toBeLessThanOrEqual(MAX_LABELS_LENGTH);
      expect(length).toBeGreaterThan(MAX_LABELS_LENGTH - 2000);
    });
  });

  describe("when keys are named as what every object has", () => {
    it("returns them as labels", () => {
      const labels: Record<string, string> = JSON.parse('{"__proto__":"a","toString":"b"}');
      expect(Object.entries(keepLabels(labels).labels)).toEqual([
        ["__proto__", "a"],
        ["toString", "b"],
      ]);
    });
  });
});
