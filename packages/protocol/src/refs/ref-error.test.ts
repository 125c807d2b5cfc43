import { describe, expect, it } from "vitest";

import { parseLibraryRef } from "./parse-library-ref.js";
import { type RefError, isRefError } from "./ref-error.js";

function errorOf(raw: string): RefError {
  try {
    parseLibraryRef(raw);
  } catch (error) {
    if (isRefError(error)) return error;
    throw error;
  }
  throw new Error("the ref was accepted");
}

describe("RefError", () => {
  describe("when the input carries a secret", () => {
    it.each([
      "library://user:s3cret@host/a",
      "library://s3cret@host/a",
      "library://user:s3cret@ho st/a",
      "library://user:s3/cret@host/a",
      "library://user:s3cret%zz@host/a",
      "library://user:s3?cret@host/a",
      "library://user:s3cret@b@host/a?x",
      "library:user:s3cret@host:1/a",
      "bad://user:s3cret@host/a",
      "library://host/a?token=s3cret",
      "library://host/a:t:u?token=s3cret",
      "library://ho st/a?token=s3cret",
      "library://host/a?mail=x@y&token=s3cret",
      "library://host/a#x@s3cret",
      "library:a#s3cret",
      "library:a?#s3cret",
      "library:a#%s3cret",
    ])("shows nothing of it for %j", (raw) => {
      const error = errorOf(raw);
      expect(JSON.stringify([error.message, error.input, error.text])).not.toMatch(/s3|cret/);
      expect(error.input).toContain("***");
    });
  });

  describe("when the input has characters that act on a terminal", () => {
    it("escapes them in the message", () => {
      const { message } = errorOf("library:\u001b[31m\u0085\u202e\u2028a\n");
      expect(message).toMatch(/^[\x20-\x7e]+$/);
    });
  });

  describe("when the input is long", () => {
    it("shortens it", () => {
      const error = errorOf("a".repeat(1_000_000));
      expect(error.message.length).toBeLessThan(1000);
      expect(error.input.length).toBeLessThan(1000);
      expect(error.text.length).toBeLessThan(1000);
    });
  });

  it("has a code, and points at the offending part", () => {
    expect(errorOf("library://host/a?q")).toMatchObject({
      name: "RefError",
      code: "ref-query-not-permitted",
      offset: 17,
      input: "library://host/a?***",
      text: "***",
    });
  });
});

describe("isRefError", () => {
  it("recognises the error of another copy of the package by its brand", () => {
    const other = Object.assign(new Error("x"), { [Symbol.for("sifshelf.RefError")]: true });
    expect(isRefError(other)).toBe(true);
  });

  it.each([undefined, null, "RefError", {}, new Error("x"), { name: "RefError" }])(
    "returns false for %s",
    (value) => {
      expect(isRefError(value)).toBe(false);
    },
  );
});
