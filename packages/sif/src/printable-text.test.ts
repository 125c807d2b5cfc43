import { describe, expect, it } from "vitest";
import { decodeText } from "./bytes/text.js";
import { printableText } from "./printable-text.js";

describe("printableText", () => {
  it("returns ordinary text unchanged", () => {
    expect(printableText("ubuntu 24.04 — größe 日本 🎉")).toBe("ubuntu 24.04 — größe 日本 🎉");
  });

  it.each([
    ["\u001b[2J", "\\u{1b}[2J"],
    ["a\u009bb", "a\\u{9b}b"],
    ["a\u202eb", "a\\u{202e}b"],
    ["a\nb\tc\r", "a\\u{a}b\\u{9}c\\u{d}"],
    ["\u{e0041}", "\\u{e0041}"],
    ["\ud800", "\\u{d800}"],
  ])("escapes what a terminal would act on: %j", (text, expected) => {
    expect(printableText(text)).toBe(expected);
  });

  it("keeps the characters it is told to keep", () => {
    expect(printableText("a\nb\rc", "\n")).toBe("a\nb\\u{d}c");
  });
});

describe("decodeText", () => {
  it("returns a replacement character for what is not UTF-8 and keeps a byte order mark", () => {
    expect(decodeText(new Uint8Array([0x61, 0xff, 0xef, 0xbb, 0xbf]))).toBe("a\ufffd\ufeff");
  });
});
