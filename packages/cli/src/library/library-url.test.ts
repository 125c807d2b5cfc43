import { describe, expect, it } from "vitest";

import { isExposed, libraryUrlText, parseLibraryUrl } from "./library-url.js";

const parse = (text: string) => parseLibraryUrl(text, "a test");

describe("parseLibraryUrl", () => {
  it.each([
    ["https://lib.example/", "https://lib.example"],
    ["lib.example", "https://lib.example"],
    ["lib.example:8443", "https://lib.example:8443"],
    ["http://127.0.0.1:8080", "http://127.0.0.1:8080"],
    ["https://lib.example/base/path//", "https://lib.example/base/path"],
    ["HTTPS://Lib.Example:443", "https://lib.example"],
  ])("returns for %s %s", (text, url) => {
    expect(libraryUrlText(parse(text))).toBe(url);
  });

  it.each([
    "",
    "ftp://lib.example",
    "file:///etc/passwd",
    "https://user:secret@lib.example",
    "https://lib.example?x=1",
    "https://lib.example#x",
    "https://",
    "http://[::1",
  ])("rejects %j without repeating it", (text) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ code: "library-url-not-valid" }));
    expect(() => parse(text)).toThrow(/^(?!.*secret)/);
  });
});

describe("isExposed", () => {
  it.each([
    ["https://lib.example", false],
    ["http://lib.example", true],
    ["http://127.0.0.1.lib.example", true],
    ["http://127.0.0.1:80", false],
    ["http://127.9.9.9", false],
    ["http://localhost:8080", false],
    ["http://lib.localhost", false],
    ["http://localhost.example", true],
    ["http://[::1]:8080", false],
    ["http://[fe80::1]", true],
  ])("returns for %s %s", (text, exposed) => {
    expect(isExposed(parse(text))).toBe(exposed);
  });
});
