import { randomBytes } from "node:crypto";

import { describe, expect, it } from "vitest";

import { createSignedUrls } from "./signed-urls.js";

const KEY = { id: "a".repeat(24), secret: randomBytes(32) };
const TRANSFER = {
  method: "PUT",
  path: "transfers/uploads/1",
  sizeBytes: 10,
  sha256: null,
} as const;
const RECEIVER = { tokenId: "b".repeat(24), baseUrl: "https://library.example/base/" };

const clock = { nowMs: 1000 };
const urls = createSignedUrls({
  currentKey: async () => KEY,
  findKey: async (id) => (id === KEY.id ? KEY : undefined),
  urlTtlMs: 500,
  now: () => clock.nowMs,
});

const verify = (url: string, path: string = TRANSFER.path) =>
  urls.verify({ method: "PUT", path, query: new URL(url).searchParams });

describe("createSignedUrls", () => {
  it("signs a URL below the receiver's base URL, with its token and for the time to live", async () => {
    clock.nowMs = 1000;
    const grant = await urls.sign(TRANSFER, RECEIVER);
    expect(grant).toMatchObject({ headers: {}, expiresAtMs: 1500 });
    expect(grant.url).toMatch(/^https:\/\/library\.example\/base\/transfers\/uploads\/1\?/);
    expect(await verify(grant.url)).toMatchObject({ ...TRANSFER, tokenId: RECEIVER.tokenId });
  });

  it("rejects a URL that has expired or is for another path", async () => {
    clock.nowMs = 1000;
    const { url } = await urls.sign(TRANSFER, RECEIVER);
    const forbidden = { code: "forbidden" };
    await expect(verify(url, "transfers/uploads/2")).rejects.toMatchObject(forbidden);
    clock.nowMs = 1500;
    await expect(verify(url)).rejects.toMatchObject(forbidden);
  });
});
