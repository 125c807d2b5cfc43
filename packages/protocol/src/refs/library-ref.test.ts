import { describe, expect, it } from "vitest";

import { LIBRARY_PREFIX, LIBRARY_SCHEME, LibraryRef } from "./library-ref.js";
import { parseLibraryRef } from "./parse-library-ref.js";

describe("LibraryRef", () => {
  describe("when it has a host", () => {
    it.each([
      ["host", "host", ""],
      ["host:443", "host", "443"],
      ["host:", "host", ""],
      [":443", "", "443"],
      [":", "", ""],
      ["127.0.0.1:80", "127.0.0.1", "80"],
      ["[::1]", "::1", ""],
      ["[::1]:80", "::1", "80"],
      ["[::1]:", "::1", ""],
      ["[fe80::1%en0]", "fe80::1%en0", ""],
      ["[fe80::1%en0]:443", "fe80::1%en0", "443"],
      ["", "", ""],
      // Hosts that only Go's parser would let through.
      ["a:b:80", "a", "b:80"],
      ["a]b:80", "a", ""],
      ["a]b", "a]b", ""],
      ["]", "]", ""],
      ["a]:80", "a", "80"],
    ])("splits %j into name %j and port %j", (host, hostname, port) => {
      const ref = new LibraryRef({ host, path: "a" });
      expect({ hostname: ref.hostname, port: ref.port }).toEqual({ hostname, port });
    });
  });

  describe("when it is made text", () => {
    it.each([
      ["", "a", [], "library:a"],
      ["", "a/b/c", ["t"], "library:a/b/c:t"],
      ["", "a/b/c", ["t", "u"], "library:a/b/c:t,u"],
      ["", "a b?c%", ["é"], "library:a b?c%:é"],
      ["host", "a", [], "library://host/a"],
      ["host:443", "a/b/c", ["t", "u"], "library://host:443/a/b/c:t,u"],
      ["host", "/a", [], "library://host/a"],
      ["host", "*", [], "library://host/*"],
      ["host", "*", ["t"], "library://host/%2A:t"],
      ["host", "a b", ["c d"], "library://host/a%20b:c%20d"],
      ["host", "é/漢/📦", [], "library://host/%C3%A9/%E6%BC%A2/%F0%9F%93%A6"],
      ["host", "a?b#c%d", [], "library://host/a%3Fb%23c%25d"],
      ["host", "-._~$&+,/:;=@", [], "library://host/-._~$&+,/:;=@"],
      [
        "host",
        "!\"'()*<>[\\]^`{|}\n\u007f",
        [],
        "library://host/%21%22%27%28%29%2A%3C%3E%5B%5C%5D%5E%60%7B%7C%7D%0A%7F",
      ],
      ["[::1%en0]:80", "a", [], "library://[::1%25en0]:80/a"],
      ["[::1%en 0]", "a", [], "library://[::1%25en%200]/a"],
      ["héllo", "a", [], "library://h%C3%A9llo/a"],
      ["a!$&'()*+,;=<>\"", "a", [], "library://a!$&'()*+,;=<>\"/a"],
    ])("writes host %j, path %j, tags %j as %j", (host, path, tags, text) => {
      expect(new LibraryRef({ host, path, tags }).toString()).toBe(text);
    });

    it.each([
      "library:a/b/c:t,u",
      "library://host/a/b:t",
      "library://[fe80::1%25en0]:443/a/b/c",
      "library://h%C3%A9llo/a%20b",
    ])("writes %j as it was read", (text) => {
      expect(parseLibraryRef(text).toString()).toBe(text);
    });
  });

  it("cannot be changed", () => {
    const tags = ["t"];
    const ref = new LibraryRef({ path: "a", tags });
    tags.push("u");
    expect(ref.tags).toEqual(["t"]);
    expect(() => Object.assign(ref, { path: "b" })).toThrow(TypeError);
    expect(() => Object.assign(ref.tags, { 0: "b" })).toThrow(TypeError);
  });
});

describe("LIBRARY_SCHEME", () => {
  it("begins LIBRARY_PREFIX", () => {
    expect(LIBRARY_SCHEME).toBe("library");
    expect(LIBRARY_PREFIX).toBe("library://");
  });
});
