import { array, assert, constantFrom, oneof, property, string } from "fast-check";
import { describe, expect, it } from "vitest";

import type { RefCase } from "./library-ref.cases.js";
import type { LibraryRef } from "./library-ref.js";
import { PARSE_AMBIGUOUS_CASES } from "./parse-ambiguous-library-ref.cases.js";
import { MAX_REF_LENGTH, parseAmbiguousLibraryRef, parseLibraryRef } from "./parse-library-ref.js";
import { PARSE_CASES } from "./parse-library-ref.cases.js";
import { isRefError } from "./ref-error.js";
import { HOST_CASES } from "./url-host.cases.js";

type Parser = (raw: string) => LibraryRef;

function outcome(parse: Parser, raw: string): RefCase[1] {
  try {
    const { host, path, tags } = parse(raw);
    return [host, path, ...tags];
  } catch (error) {
    if (isRefError(error)) return error.code;
    throw error;
  }
}

const LONG = `library:${"a".repeat(MAX_REF_LENGTH - "library:".length)}`;

const PARSERS: readonly (readonly [string, Parser])[] = [
  ["parseLibraryRef", parseLibraryRef],
  ["parseAmbiguousLibraryRef", parseAmbiguousLibraryRef],
];

describe("parseLibraryRef", () => {
  describe("when the ref has a host", () => {
    it.each(HOST_CASES)("reads %j as %j", (raw, expected) => {
      expect(outcome(parseLibraryRef, raw)).toEqual(expected);
    });
  });

  describe("when the ref has no host, or is none", () => {
    it.each(PARSE_CASES)("reads %j as %j", (raw, expected) => {
      expect(outcome(parseLibraryRef, raw)).toEqual(expected);
    });
  });
});

describe("parseAmbiguousLibraryRef", () => {
  it.each(PARSE_AMBIGUOUS_CASES)("reads %j as %j", (raw, expected) => {
    expect(outcome(parseAmbiguousLibraryRef, raw)).toEqual(expected);
  });
});

describe.each(PARSERS)("%s", (_name, parse) => {
  describe("when the text is not Unicode", () => {
    it.each(["library:\ud800", "library://\udc00/a", "library:a:\ud83d", "\udfff"])(
      "rejects %j",
      (raw) => {
        expect(outcome(parse, raw)).toBe("ref-url-not-valid");
      },
    );
  });

  describe("when the text is long", () => {
    it("accepts the longest", () => {
      expect(parse(LONG).path).toHaveLength(MAX_REF_LENGTH - "library:".length);
    });

    it.each([`${LONG}a`, "library://".repeat(1_000_000), "\ud800".repeat(MAX_REF_LENGTH + 1)])(
      "rejects a longer one",
      (raw) => {
        expect(outcome(parse, raw)).toBe("ref-too-long");
      },
    );
  });

  describe("when the text is arbitrary", () => {
    const part = constantFrom("library:", "/", ":", "@", "[", "]", "%", "%25", "?", "#", "a", ",");
    const text = array(oneof(part, string({ unit: "grapheme" })), { maxLength: 12 });

    it("returns a ref or throws a RefError that points into it", () => {
      assert(
        property(text, (parts) => {
          const raw = parts.join("");
          try {
            return parse(raw).path !== "";
          } catch (error) {
            return isRefError(error) && error.offset <= raw.length;
          }
        }),
      );
    });
  });
});

describe("the error of parseLibraryRef", () => {
  it.each([
    ["library:/// /a b%zz", "%", 16],
    ["library://host:x/a", ":x", 14],
    ["library://ho st/a", " ", 12],
    ["library://[::1%25%2f]/a", "%2f", 17],
    ["library://[::g]/a", "::g", 11],
    ["bad://host/a", "bad", 0],
    ["library:a:", "a:", 8],
    ["library:a\n", "\n", 9],
  ])("points at the fault of %j", (raw, text, offset) => {
    expect(() => parseLibraryRef(raw)).toThrow(expect.objectContaining({ text, offset }));
  });
});
