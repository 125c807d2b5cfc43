import { describe, expect, it } from "vitest";

import { ARCHES, isArch, isKnownArch } from "./arch.js";
import { BAD_ARCHES, KNOWN_ARCHES, OTHER_ARCHES } from "./arch.cases.js";

describe("ARCHES", () => {
  it("has every arch of the SIF format", () => {
    expect(ARCHES.toSorted()).toEqual(KNOWN_ARCHES.toSorted());
  });
});

describe("isArch", () => {
  describe("when the text can stand for an arch", () => {
    it.each([...KNOWN_ARCHES, ...OTHER_ARCHES])("returns true for %j", (text) => {
      expect(isArch(text)).toBe(true);
    });
  });

  describe("when the text is no arch", () => {
    it.each(BAD_ARCHES)("returns false for %j", (text) => {
      expect(isArch(text)).toBe(false);
    });
  });
});

describe("isKnownArch", () => {
  describe("when the text is a Go name of the SIF format", () => {
    it.each(KNOWN_ARCHES)("returns true for %j", (text) => {
      expect(isKnownArch(text)).toBe(true);
    });
  });

  describe("when the text is anything else", () => {
    it.each([...OTHER_ARCHES, ...BAD_ARCHES])("returns false for %j", (text) => {
      expect(isKnownArch(text)).toBe(false);
    });
  });
});
