import { describe, expect, it } from "vitest";

import {
  digestOfImageHash,
  digestOfSha256Hex,
  imageHashOfDigest,
  isDigest,
  parseDigest,
  sha256HexOfDigest,
} from "./digest.js";
import { BAD_DIGESTS, GOOD_DIGESTS } from "./digest.cases.js";
import { parseImageHash } from "./image-hash.js";

const REFUSED = expect.objectContaining({ name: "RefError", code: "digest-not-valid" });

describe("isDigest", () => {
  it.each(GOOD_DIGESTS)("returns true for %j", (text) => {
    expect(isDigest(text)).toBe(true);
  });

  it.each(BAD_DIGESTS)("returns false for %j", (text) => {
    expect(isDigest(text)).toBe(false);
  });
});

describe("parseDigest", () => {
  it.each(GOOD_DIGESTS)("returns %j as it is", (text) => {
    expect(parseDigest(text)).toBe(text);
  });

  it.each(BAD_DIGESTS)("rejects %j", (text) => {
    expect(() => parseDigest(text)).toThrow(REFUSED);
  });
});

describe("digests and image hashes", () => {
  const hex = "0123456789abcdef".repeat(4);

  it("convert into each other", () => {
    const digest = digestOfSha256Hex(hex);
    expect(digest).toBe(`sha256:${hex}`);
    expect(sha256HexOfDigest(digest)).toBe(hex);
    expect(imageHashOfDigest(digest)).toBe(`sha256.${hex}`);
    expect(digestOfImageHash(parseImageHash(`sha256.${hex}`))).toBe(digest);
  });

  it("give no digest for the id of a SIF file", () => {
    const hash = parseImageHash("sif.01234567-89ab-cdef-0123-456789abcdef");
    expect(digestOfImageHash(hash)).toBeUndefined();
  });

  it.each(["", "0", hex.toUpperCase(), `${hex}0`, `sha256:${hex}`, `${hex}\n`])(
    "are not made of %j",
    (text) => {
      expect(() => digestOfSha256Hex(text)).toThrow(REFUSED);
    },
  );
});
