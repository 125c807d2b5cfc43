import { describe, expect, it } from "vitest";

import { replyHeaders } from "./transport.js";

describe("replyHeaders", () => {
  describe("when a header stands once", () => {
    it("returns its value under its name in any case", () => {
      const headers = replyHeaders([["Content-Length", "12"]]);
      expect(headers.get("content-length")).toBe("12");
      expect(headers.get("CONTENT-LENGTH")).toBe("12");
    });

    it("returns the value without the blanks around it", () => {
      expect(replyHeaders([["etag", ' \t"a b"\t ']]).get("etag")).toBe('"a b"');
    });
  });

  describe("when a header stands twice", () => {
    it("joins the values, as the platform's Headers do", () => {
      const lines = [
        ["Content-Length", "12"],
        ["content-length", "13"],
      ] as [string, string][];
      expect(replyHeaders(lines).get("content-length")).toBe(
        new Headers(lines).get("content-length"),
      );
    });
  });

  describe("when a header is absent", () => {
    it("returns null, also for names of objects' own properties", () => {
      const headers = replyHeaders([]);
      expect(headers.get("content-length")).toBeNull();
      expect(headers.get("constructor")).toBeNull();
      expect(headers.get("__proto__")).toBeNull();
    });
  });

  describe("when headers are read one after another", () => {
    it("makes the same of the platform's Headers", () => {
      const lines = [
        ["X-B", "2"],
        ["X-A", "1"],
        ["x-b", " 3"],
      ] as [string, string][];
      const own = new Headers([...replyHeaders(lines)]);
      expect([...own]).toEqual([...new Headers(lines)]);
    });
  });
});
