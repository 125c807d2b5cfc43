import { describe, expect, it } from "vitest";

import { expandRef } from "./expand-ref.js";
import { EXPANDED_REFS, REFUSED_REFS } from "./expand-ref.cases.js";
import { isImageHash } from "./image-hash.js";

describe("expandRef", () => {
  describe("when the ref has one to three names, and tags or a hash", () => {
    it.each(EXPANDED_REFS)("reads %j as %s:%s", (ref, names, selector) => {
      const [entity, collection, container] = names.split("/");
      const selected = isImageHash(selector)
        ? { tags: [], hash: selector }
        : { tags: selector.split(",") };
      expect(expandRef(ref)).toEqual({ entity, collection, container, ...selected });
    });
  });

  describe("when the ref is outside the grammar", () => {
    it.each(REFUSED_REFS)("rejects %j with %s", (ref, code) => {
      expect(() => expandRef(ref)).toThrow(expect.objectContaining({ name: "RefError", code }));
    });
  });

  describe("when one name or tag of several is wrong", () => {
    it.each([
      ["a/B/c:d", "B", 2],
      ["library://a/b/C", "C", 14],
      ["//a//b//c..d", "c..d", 8],
      ["a/b/c:d,e,F", "F", 10],
      ["a/b/c:d,,e", "", 8],
    ])("points at it in %j", (ref, text, offset) => {
      expect(() => expandRef(ref)).toThrow(expect.objectContaining({ text, offset }));
    });
  });
});
