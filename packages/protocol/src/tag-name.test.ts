import { describe, expect, it } from "vitest";

import { isTagName } from "./tag-name.js";
import { BAD_TAGS, GOOD_TAGS } from "./tag-name.cases.js";

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
