import { describe, expect, it } from "vitest";

import { isRefPart, isTagName } from "./names.js";
import { BAD_NAMES, GOOD_NAMES } from "./name.cases.js";
import { BAD_TAGS, GOOD_TAGS } from "./tag-name.cases.js";

describe("isRefPart", () => {
  describe("when the text is a name", () => {
    it.each(GOOD_NAMES)("returns true for %j", (text) => {
      expect(isRefPart(text)).toBe(true);
    });
  });

  describe("when the text is no name", () => {
    it.each(BAD_NAMES)("returns false for %j", (text) => {
      expect(isRefPart(text)).toBe(false);
    });
  });

  describe("when the text is huge", () => {
    it("returns without exhausting the stack", () => {
      expect(isRefPart("a-".repeat(5_000_000))).toBe(false);
      expect(isRefPart("a".repeat(10_000_000))).toBe(true);
    });
  });
});

describe("isTagName", () => {
  describe("when the text can be set as a tag", () => {
    it.each(GOOD_TAGS)("returns true for %j", (text) => {
      expect(isTagName(text)).toBe(true);
    });
  });

  describe("when the text is an image hash, too long, or no name", () => {
    it.each(BAD_TAGS)("returns false for %j", (text) => {
      expect(isTagName(text)).toBe(false);
    });
  });
});
