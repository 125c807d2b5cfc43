import { expect, it } from "vitest";

import { type RawReply, sha256Hex } from "./raw-library.js";

/** Requests for an image's bytes and the required replies, for every sender of the bytes. */
export function describeServedBytes(
  bytes: Uint8Array,
  ask: (method: string, headers?: Record<string, string>) => Promise<RawReply>,
): void {
  const size = bytes.length;
  const etag = `"sha256:${sha256Hex(bytes)}"`;

  it("returns the whole with a strong ETag", async () => {
    const reply = await ask("GET");
    expect(reply.status).toBe(200);
    expect(sha256Hex(reply.bytes)).toBe(sha256Hex(bytes));
    expect(Object.fromEntries(reply.headers)).toMatchObject({
      etag,
      "content-length": String(size),
      "accept-ranges": "bytes",
      "content-type": "application/octet-stream",
      "x-content-type-options": "nosniff",
      "cache-control": "no-store",
    });
  });

  it("returns the same headers and no body for HEAD", async () => {
    const reply = await ask("HEAD");
    expect([reply.status, reply.bytes.length]).toEqual([200, 0]);
    expect([reply.headers.get("etag"), reply.headers.get("content-length")]).toEqual([
      etag,
      String(size),
    ]);
  });

  it.each([
    ["bytes=0-0", 0, 0],
    ["bytes=0-1024", 0, 1024],
    ["bytes=1000-", 1000, size - 1],
    ["bytes=-1", size - 1, size - 1],
    ["bytes=-1000", size - 1000, size - 1],
    [`bytes=-${size + 5}`, 0, size - 1],
    [`bytes=${size - 1}-`, size - 1, size - 1],
    [`bytes=5-${size + 100}`, 5, size - 1],
  ])("returns the range %s", async (range, first, last) => {
    const reply = await ask("GET", { range });
    expect(reply.status).toBe(206);
    expect(reply.headers.get("content-range")).toBe(`bytes ${first}-${last}/${size}`);
    expect(reply.bytes.equals(bytes.subarray(first, last + 1))).toBe(true);
  });

  it.each([`bytes=${size}-`, `bytes=${size + 10}-${size + 20}`, "bytes=-0"])(
    "refuses the range %s",
    async (range) => {
      const reply = await ask("GET", { range });
      expect(reply.status).toBe(416);
      expect(reply.headers.get("content-range")).toBe(`bytes */${size}`);
      expect(reply.error.reason).toBe("range-not-satisfiable");
    },
  );

  it.each([
    "bytes=5-2",
    "bytes=a-b",
    "lines=1-2",
    "bytes=",
    "bytes=0-1,5-6",
    "bytes=99999999999999999999-",
  ])("returns the whole or a refusal for the odd range %s, never other bytes", async (range) => {
    const reply = await ask("GET", { range });
    expect([200, 416]).toContain(reply.status);
    if (reply.status === 200) expect(reply.bytes.length).toBe(size);
  });

  it("returns a range only if If-Range matches", async () => {
    const range = "bytes=0-9";
    expect((await ask("GET", { range, "if-range": etag })).status).toBe(206);
    expect((await ask("GET", { range, "if-range": '"sha256:other"' })).status).toBe(200);
    expect((await ask("GET", { range, "if-range": `W/${etag}` })).status).toBe(200);
  });

  it("returns 304 if If-None-Match matches, and never compresses", async () => {
    expect((await ask("GET", { "if-none-match": etag })).status).toBe(304);
    const reply = await ask("GET", { "accept-encoding": "gzip, br" });
    expect(reply.headers.get("content-encoding")).toBeNull();
  });
}
