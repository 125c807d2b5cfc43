import { describe, expect, it } from "vitest";

import { isLibraryPullRef, isLibraryPushRef, parseLibraryPath } from "./library-path.js";
import {
  BAD_PULL_REFS,
  BAD_PUSH_REFS,
  GOOD_PULL_REFS,
  GOOD_PUSH_REFS,
  LIBRARY_PATHS,
} from "./library-path.cases.js";

describe("isLibraryPullRef", () => {
  describe("when the text can be pulled", () => {
    it.each(GOOD_PULL_REFS)("returns true for %j", (text) => {
      expect(isLibraryPullRef(text)).toBe(true);
    });
  });

  describe("when the text cannot be pulled", () => {
    it.each(BAD_PULL_REFS)("returns false for %j", (text) => {
      expect(isLibraryPullRef(text)).toBe(false);
    });
  });
});

describe("isLibraryPushRef", () => {
  describe("when the text can be pushed to", () => {
    it.each(GOOD_PUSH_REFS)("returns true for %j", (text) => {
      expect(isLibraryPushRef(text)).toBe(true);
    });
  });

  describe("when the text cannot be pushed to", () => {
    it.each(BAD_PUSH_REFS)("returns false for %j", (text) => {
      expect(isLibraryPushRef(text)).toBe(false);
    });
  });
});

describe("parseLibraryPath", () => {
  it.each(LIBRARY_PATHS)("splits %j", (path, ...parts) => {
    const [entity, collection, container, ...tags] = parts;
    expect(parseLibraryPath(path)).toEqual({ entity, collection, container, tags });
  });
});
