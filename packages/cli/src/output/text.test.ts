import { describe, expect, it } from "vitest";

import { alignedFields, formatBytes, formatDuration, printableLine } from "./text.js";

describe("printableLine", () => {
  it.each([
    ["plain ünïcode 猫\tx", "plain ünïcode 猫\tx"],
    ["\u001b[2Jx", String.raw`\u{1b}[2Jx`],
    ["a\r\nb", String.raw`a\u{d}\u{a}b`],
    ["\u009b31m", String.raw`\u{9b}31m`],
    ["\u202egnp.fis", String.raw`\u{202e}gnp.fis`],
  ])("returns %j as %j", (text, shown) => {
    expect(printableLine(text)).toBe(shown);
  });
});

describe("formatBytes", () => {
  it.each([
    [0, "0 B"],
    [1023, "1023 B"],
    [1024, "1.0 KiB"],
    [1048575, "1.0 MiB"],
    [1.5 * 1024 ** 3, "1.5 GiB"],
    [5 * 1024 ** 5, "5120.0 TiB"],
  ])("returns for %d %s", (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});

describe("formatDuration", () => {
  it.each([
    [0, "0s"],
    [59_499, "59s"],
    [125_000, "2m05s"],
    [3_725_000, "1h02m"],
  ])("returns for %d ms %s", (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});

describe("alignedFields", () => {
  it("returns the fields that have a value, aligned", () => {
    const fields = [
      ["a", "1"],
      ["long", "2"],
      ["empty", ""],
      ["none", undefined],
    ] as const;
    expect(alignedFields(fields)).toEqual(["  a     1", "  long  2"]);
  });
});
