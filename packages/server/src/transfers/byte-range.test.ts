import { describe, expect, it } from "vitest";

import { parseByteRange } from "./byte-range.js";

describe("parseByteRange", () => {
  describe("when the range lies in the file", () => {
    it.each([
      ["bytes=0-0", 0, 1],
      ["bytes=0-1024", 0, 100],
      ["bytes=10-19", 10, 10],
      ["bytes=99-99", 99, 1],
      ["bytes=90-", 90, 10],
      ["bytes=0-", 0, 100],
      ["bytes=-1", 99, 1],
      ["bytes=-100", 0, 100],
      ["bytes=-1000", 0, 100],
      ["BYTES=1-2", 1, 2],
      ["bytes= 1-2 ", 1, 2],
      ["bytes=5-99999999999999999999999999", 5, 95],
    ])("returns it for %s", (header, start, length) => {
      expect(parseByteRange(header, 100)).toEqual({ start, length });
    });
  });

  describe("when the range lies outside the file", () => {
    it.each(["bytes=100-", "bytes=100-200", "bytes=-0", "bytes=99999999999999999999-"])(
      "returns unsatisfiable for %s",
      (header) => {
        expect(parseByteRange(header, 100)).toBe("unsatisfiable");
      },
    );

    it.each(["bytes=0-", "bytes=0-0", "bytes=-5"])(
      "returns unsatisfiable for %s of an empty file",
      (header) => {
        expect(parseByteRange(header, 0)).toBe("unsatisfiable");
      },
    );
  });

  describe("when it is no single range of bytes", () => {
    it.each([
      undefined,
      "",
      "bytes",
      "bytes=",
      "bytes=-",
      "bytes=a-b",
      "bytes=5-4",
      "bytes=1-2,4-5",
      "bytes=1-2, 3-4",
      "bytes=0x1-2",
      "bytes=1.5-2",
      "bytes=--1",
      "bytes=1--2",
      "items=0-5",
      "0-5",
    ])("returns undefined for %s", (header) => {
      expect(parseByteRange(header, 100)).toBeUndefined();
    });
  });
});
