import { describe, expect, it } from "vitest";

import { isImageHash, parseImageHash } from "./image-hash.js";
import { BAD_IMAGE_HASHES, GOOD_IMAGE_HASHES } from "./image-hash.cases.js";

describe("isImageHash", () => {
  describe("when the text is an image hash", () => {
    it.each(GOOD_IMAGE_HASHES)("returns true for %j", (text) => {
      expect(isImageHash(text)).toBe(true);
    });
  });

  describe("when the text is no image hash", () => {
    it.each(BAD_IMAGE_HASHES)("returns false for %j", (text) => {
      expect(isImageHash(text)).toBe(false);
    });
  });
});

describe("parseImageHash", () => {
  it.each(GOOD_IMAGE_HASHES)("returns %j as it is", (text) => {
    expect(parseImageHash(text)).toBe(text);
  });

  it.each(BAD_IMAGE_HASHES)("rejects %j", (text) => {
    expect(() => parseImageHash(text)).toThrow(
      expect.objectContaining({ name: "RefError", code: "image-hash-not-valid", offset: 0 }),
    );
  });
});
