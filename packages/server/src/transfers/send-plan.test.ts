import { digestOfSha256Hex } from "@sifshelf/protocol";
import { describe, expect, it } from "vitest";

import { planSend } from "./send-plan.js";

const DIGEST = digestOfSha256Hex("a".repeat(64));
const ETAG = `"${DIGEST}"`;

const plan = (headers: Record<string, string> = {}, method = "GET") =>
  planSend({ method, headers, sizeBytes: 100, digest: DIGEST, fileName: "alpine_3.20.sif" });

describe("planSend", () => {
  describe("when nothing special is asked for", () => {
    it("sends the whole, with a strong ETag and nothing that a browser would run", () => {
      expect(plan()).toEqual({
        status: 200,
        headers: {
          "accept-ranges": "bytes",
          etag: ETAG,
          "content-type": "application/octet-stream",
          "content-disposition": 'attachment; filename="alpine_3.20.sif"',
          "x-content-type-options": "nosniff",
          "content-length": "100",
        },
        range: { start: 0, length: 100 },
        sizeBytes: 100,
      });
    });

    it("sends headers alone for HEAD, whatever the range", () => {
      const head = plan({ range: "bytes=0-1" }, "HEAD");
      expect(head).toMatchObject({ status: 200, range: null });
      expect(head.headers["content-length"]).toBe("100");
    });
  });

  describe("when a range is asked for", () => {
    it("sends it", () => {
      const { status, headers, range } = plan({ range: "bytes=10-19" });
      expect(status).toBe(206);
      expect(headers).toMatchObject({ "content-range": "bytes 10-19/100", "content-length": "10" });
      expect(range).toEqual({ start: 10, length: 10 });
    });

    it("sends the whole instead of several", () => {
      expect(plan({ range: "bytes=0-1,3-4" }).status).toBe(200);
    });

    it("refuses one outside of the blob and tells its size", () => {
      const { status, headers, range } = plan({ range: "bytes=100-" });
      expect(status).toBe(416);
      expect(headers["content-range"]).toBe("bytes */100");
      expect(headers).not.toHaveProperty("content-length");
      expect(range).toBeNull();
    });
  });

  describe("when the range has a condition", () => {
    it.each([
      [ETAG, 206],
      [`W/${ETAG}`, 200],
      ['"sha256:other"', 200],
      ["Mon, 23 Nov 2026 18:44:00 GMT", 200],
      ["", 200],
    ])("for If-Range: %s replies %i", (condition, status) => {
      expect(plan({ range: "bytes=0-1", "if-range": condition }).status).toBe(status);
    });

    it("ignores a range outside of the blob when the condition does not hold", () => {
      expect(plan({ range: "bytes=100-", "if-range": '"other"' }).status).toBe(200);
    });
  });

  describe("when the receiver may have it", () => {
    it.each([
      [ETAG, 304],
      [`W/${ETAG}`, 304],
      [`"other", ${ETAG}`, 304],
      ["*", 304],
      ['"other"', 200],
    ])("for If-None-Match: %s replies %i", (condition, status) => {
      expect(plan({ "if-none-match": condition }).status).toBe(status);
    });
  });

  describe("when a file name has characters of a header's syntax", () => {
    it("replaces them", () => {
      const { headers } = planSend({
        method: "GET",
        headers: {},
        sizeBytes: 1,
        digest: DIGEST,
        fileName: 'a"b\r\nc/ü.sif',
      });
      expect(headers["content-disposition"]).toBe('attachment; filename="a_b__c__.sif"');
    });
  });
});
