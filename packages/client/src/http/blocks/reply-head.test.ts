import { describe, expect, it } from "vitest";

import { parseReplyHead } from "./reply-head.js";

const head = (...lines: readonly string[]) => parseReplyHead(lines.join("\r\n"));

describe("parseReplyHead", () => {
  describe("when the body has a known length", () => {
    it("returns status, headers and length", () => {
      const parsed = head(
        "HTTP/1.1 206 Partial Content",
        "Content-Length: 10",
        'ETag:\t"sha256:ab" ',
        "X-Empty:",
        "X-Two: a",
        "x-two: b",
      );
      expect(parsed).toMatchObject({ status: 206, length: 10, keepsAlive: true });
      expect([...(parsed?.headers ?? [])]).toEqual([
        ["content-length", "10"],
        ["etag", '"sha256:ab"'],
        ["x-empty", ""],
        ["x-two", "a, b"],
      ]);
    });

    it.each(["close", "Close", "keep-alive, close"])(
      "sees that %s ends the connection",
      (value) => {
        const parsed = head("HTTP/1.1 200 OK", "Content-Length: 0", `Connection: ${value}`);
        expect(parsed?.keepsAlive).toBe(false);
      },
    );

    it("needs no reason beside the status", () => {
      expect(head("HTTP/1.1 200", "content-length: 3")).toMatchObject({ status: 200, length: 3 });
    });
  });

  it.each([
    ["an older version", ["HTTP/1.0 200 OK", "Content-Length: 1"]],
    ["a newer version", ["HTTP/2 200", "Content-Length: 1"]],
    ["no HTTP", ["220 ftp.example.org", "Content-Length: 1"]],
    ["an interim reply", ["HTTP/1.1 100 Continue", "Content-Length: 1"]],
    ["a status that is none", ["HTTP/1.1 2000 OK", "Content-Length: 1"]],
    ["a reply without body", ["HTTP/1.1 204 No Content", "Content-Length: 0"]],
    ["a chunked body", ["HTTP/1.1 200 OK", "Content-Length: 1", "Transfer-Encoding: chunked"]],
    ["no length", ["HTTP/1.1 200 OK"]],
    ["two lengths", ["HTTP/1.1 200 OK", "Content-Length: 1", "Content-Length: 1"]],
    ["a length that is none", ["HTTP/1.1 200 OK", "Content-Length: 0x1"]],
    ["a negative length", ["HTTP/1.1 200 OK", "Content-Length: -1"]],
    ["a length beyond all sizes", ["HTTP/1.1 200 OK", "Content-Length: 9999999999999999"]],
    ["a folded line", ["HTTP/1.1 200 OK", "Content-Length: 1", " 2"]],
    ["a line without colon", ["HTTP/1.1 200 OK", "Content-Length: 1", "x"]],
    ["a space before the colon", ["HTTP/1.1 200 OK", "Content-Length : 1"]],
    ["a lone line feed", ["HTTP/1.1 200 OK\nX: y", "Content-Length: 1"]],
    [
      "a line feed in a value",
      ["HTTP/1.1 200 OK", "Content-Length: 1\nTransfer-Encoding: chunked"],
    ],
    ["a zero byte", ["HTTP/1.1 200 OK", "Content-Length: 1", "X: \0"]],
  ])("leaves %s to others", (_, lines) => {
    expect(head(...lines)).toBeUndefined();
  });
});
