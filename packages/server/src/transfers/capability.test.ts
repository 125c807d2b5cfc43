import { randomBytes } from "node:crypto";

import { describe, expect, it } from "vitest";

import { type Capability, signCapability, verifyCapability } from "./capability.js";

const KEY = { id: "a".repeat(24), secret: randomBytes(32) };
const CAPABILITY: Capability = {
  method: "PUT",
  path: "transfers/uploads/1/parts/2",
  sizeBytes: 16 << 20,
  sha256: "b".repeat(64),
  tokenId: "c".repeat(24),
  expiresAtMs: 1_000_000,
};

const check = (nowMs = 0) => ({
  nowMs,
  findKey: async (id: string) => (id === KEY.id ? KEY : undefined),
});

const request = (query: URLSearchParams | string, changes: object = {}) => ({
  method: "PUT",
  path: CAPABILITY.path,
  query: new URLSearchParams(query),
  ...changes,
});

const signature = (changes: Partial<Capability>) =>
  new URLSearchParams(signCapability(KEY, { ...CAPABILITY, ...changes })).get("signature");

describe("verifyCapability", () => {
  describe("when the request is the one that was signed", () => {
    it.each<[string, Partial<Capability>]>([
      ["a part", {}],
      ["bytes of an unknown hash", { sha256: null }],
      ["an anonymous caller", { tokenId: null }],
      ["nothing", { sizeBytes: 0 }],
      ["the largest size", { sizeBytes: Number.MAX_SAFE_INTEGER }],
    ])("returns what is allowed, for %s", async (_, changes) => {
      const capability = { ...CAPABILITY, ...changes };
      const query = signCapability(KEY, capability);
      expect(await verifyCapability(request(query), check())).toEqual(capability);
    });

    it("takes a HEAD for a GET", async () => {
      const capability: Capability = { ...CAPABILITY, method: "GET" };
      const query = signCapability(KEY, capability);
      const head = request(query, { method: "HEAD" });
      expect(await verifyCapability(head, check())).toEqual(capability);
    });

    it("takes further parameters, which proxies and clients add", async () => {
      const query = `${signCapability(KEY, CAPABILITY)}&trace=1`;
      expect(await verifyCapability(request(query), check())).toEqual(CAPABILITY);
    });
  });

  describe("when the time is up", () => {
    it("rejects with forbidden", async () => {
      const query = signCapability(KEY, CAPABILITY);
      expect(await verifyCapability(request(query), check(999_999))).toEqual(CAPABILITY);
      await expect(verifyCapability(request(query), check(1_000_000))).rejects.toMatchObject({
        code: "forbidden",
      });
    });
  });

  describe("when the request is another one", () => {
    const signed = signCapability(KEY, CAPABILITY);
    const changed = (name: string, value: string) => {
      const query = new URLSearchParams(signed);
      query.set(name, value);
      return query;
    };

    it.each<[string, ReturnType<typeof request>]>([
      ["another method", request(signed, { method: "GET" })],
      ["a method that is never signed", request(signed, { method: "DELETE" })],
      ["another path", request(signed, { path: "transfers/uploads/1/parts/3" })],
      ["another size", request(changed("size", "1"))],
      ["another hash", request(changed("sha256", "c".repeat(64)))],
      ["no hash", request(changed("sha256", "-"))],
      ["another token", request(changed("token", "d".repeat(24)))],
      ["no token", request(changed("token", "-"))],
      ["a later time", request(changed("expires", "1000001"))],
      ["the same time written otherwise", request(changed("expires", "01000000"))],
      ["a time in exponential form", request(changed("expires", "1e6"))],
      ["a negative size", request(changed("size", "-1"))],
      ["another key", request(changed("key", "e".repeat(24)))],
      ["an empty signature", request(changed("signature", ""))],
      ["another signature", request(changed("signature", randomBytes(32).toString("base64url")))],
      ["a short signature", request(changed("signature", "AAAA"))],
      ["a very long signature", request(changed("signature", "A".repeat(10_000)))],
      ["no query", request("")],
      ["a parameter twice", request(`${signed}&size=1`)],
      ["a signature twice", request(`${signed}&signature=AAAA`)],
    ])("rejects %s with forbidden", async (_, other) => {
      await expect(verifyCapability(other, check())).rejects.toMatchObject({ code: "forbidden" });
    });

    it.each(["key", "expires", "size", "sha256", "token", "signature"])(
      "rejects a query without %s with forbidden",
      async (name) => {
        const query = new URLSearchParams(signed);
        query.delete(name);
        await expect(verifyCapability(request(query), check())).rejects.toMatchObject({
          code: "forbidden",
        });
      },
    );
  });

  describe("when fields could be read as one another", () => {
    it("signs them apart", () => {
      const signatures = [
        signature({ path: "a", tokenId: "bc" }),
        signature({ path: "ab", tokenId: "c" }),
        signature({ path: "a\n1:b", tokenId: "c" }),
        signature({ sizeBytes: 1, expiresAtMs: 11 }),
        signature({ sizeBytes: 11, expiresAtMs: 1 }),
      ];
      expect(new Set(signatures).size).toBe(signatures.length);
    });
  });
});
