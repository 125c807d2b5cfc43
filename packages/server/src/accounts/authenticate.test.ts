import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { Catalog } from "../catalog/catalog.js";
import type { Scope } from "../access/principal.js";
import type { UserRecord } from "../catalog/records.js";
import { openCatalog } from "../catalog/open/open-catalog.js";
import { insertToken, revokeToken } from "../catalog/tokens.js";
import { insertUser } from "../catalog/users.js";
import { authenticate } from "./authenticate.js";
import { viewerOf } from "../access/principal.js";
import { createTokenSecret, hashTokenSecret, isTokenSecret } from "./token-secret.js";

const NOW_MS = 1_800_000_000_000;

describe("authenticate", () => {
  let folder: string;
  let catalog: Catalog;
  let alice: UserRecord;
  let secret: string;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "sifshelf-auth-"));
    catalog = await openCatalog({ kind: "sqlite", path: join(folder, "catalog.sqlite") });
    alice = (await insertUser(catalog, { name: "alice", isAdmin: true, nowMs: NOW_MS }))!;
    secret = createTokenSecret();
  });
  afterEach(async () => {
    await catalog.close();
    rmSync(folder, { recursive: true });
  });

  function addToken(scope: Scope = "write", expiresAtMs: number | null = null) {
    const hash = hashTokenSecret(secret);
    return insertToken(catalog, {
      userId: alice.id,
      hash,
      label: "",
      scope,
      expiresAtMs,
      nowMs: NOW_MS,
    });
  }

  describe("when there is no credential", () => {
    it.each([
      undefined,
      "",
      "  ",
      "Bearer",
      "Bearer ",
      "BEARER",
      "bearer   ",
      "Basic",
      "basic ",
      basic("", ""),
      basic("alice", ""),
    ])("returns the anonymous principal for %j", async (header) => {
      expect(await authenticate(catalog, header, NOW_MS)).toEqual({ kind: "anonymous" });
    });
  });

  describe("when the token is good", () => {
    it("returns the user, whatever the case of the scheme, and from a password too", async () => {
      const { id } = await addToken();
      const principal = {
        kind: "user",
        userId: alice.id,
        userName: "alice",
        isAdmin: false,
        scope: "write",
        tokenId: id,
      };

      for (const header of [
        `Bearer ${secret}`,
        `BEARER ${secret}`,
        `bearer   ${secret}  `,
        basic("alice", secret),
        basic("", secret),
      ]) {
        expect(await authenticate(catalog, header, NOW_MS)).toEqual(principal);
      }
    });

    it("takes an admin as one only with a token of scope admin", async () => {
      await addToken("admin");
      const principal = await authenticate(catalog, `Bearer ${secret}`, NOW_MS);

      expect(principal).toMatchObject({ isAdmin: true, scope: "admin" });
      expect(viewerOf(principal)).toEqual({
        everywhere: "writer",
        grants: new Map([[alice.id, "writer"]]),
      });
    });

    it("takes a user who is no admin as none, whatever the token's scope", async () => {
      const bob = (await insertUser(catalog, { name: "bob", isAdmin: false, nowMs: NOW_MS }))!;
      const hash = hashTokenSecret(secret);
      await insertToken(catalog, {
        userId: bob.id,
        hash,
        label: "",
        scope: "admin",
        expiresAtMs: null,
        nowMs: NOW_MS,
      });
      const principal = await authenticate(catalog, `Bearer ${secret}`, NOW_MS);

      expect(principal).toMatchObject({ isAdmin: false });
      expect(viewerOf(principal)).toEqual({
        everywhere: null,
        grants: new Map([[bob.id, "writer"]]),
      });
    });
  });

  describe("when the token is not good any more", () => {
    it("rejects a revoked one at once", async () => {
      const { id } = await addToken();
      await authenticate(catalog, `Bearer ${secret}`, NOW_MS);
      await revokeToken(catalog, id, NOW_MS);

      await expect(authenticate(catalog, `Bearer ${secret}`, NOW_MS)).rejects.toMatchObject({
        code: "unauthorized",
      });
    });

    it("rejects an expired one from the very millisecond", async () => {
      await addToken("read", NOW_MS);

      expect(await authenticate(catalog, `Bearer ${secret}`, NOW_MS - 1)).toMatchObject({
        scope: "read",
      });
      await expect(authenticate(catalog, `Bearer ${secret}`, NOW_MS)).rejects.toMatchObject({
        code: "unauthorized",
      });
    });
  });

  describe("when the credential is unknown or malformed", () => {
    it.each([
      ["an unknown token", () => `Bearer ${createTokenSecret()}`],
      ["a token with something behind it", () => `Bearer ${secret}x`],
      ["a token without its end", () => `Bearer ${secret.slice(0, -1)}`],
      ["two tokens", () => `Bearer ${secret} ${secret}`],
      ["a token without a scheme", () => secret],
      ["another scheme", () => `Digest ${secret}`],
      ["the hash of a token", () => `Bearer ${hashTokenSecret(secret)}`],
      ["Basic with the token as user", () => basic(secret, "x")],
      ["Basic that is no base64", () => "Basic §§§"],
      ["Basic without a colon", () => `Basic ${Buffer.from(secret).toString("base64")}`],
      ["SQL", () => "Bearer ' or 1=1 --"],
      ["control characters", () => `Bearer ${secret}\u0000`],
      ["a very long one", () => `Bearer ${"a".repeat(1_000_000)}`],
      ["many spaces", () => `Bearer ${" ".repeat(1_000_000)}${secret}`],
    ])("rejects %s as unauthorized, without repeating it", async (_, header) => {
      await addToken();
      const error: unknown = await authenticate(catalog, header(), NOW_MS).catch(
        (thrown: unknown) => thrown,
      );

      expect(error).toMatchObject({ name: "Fault", code: "unauthorized" });
      expect(String(error)).not.toContain(secret.slice(5, 20));
    });
  });
});

describe("createTokenSecret", () => {
  it("returns 200 to 256 plain characters, different each time", () => {
    const secrets = Array.from({ length: 100 }, () => createTokenSecret());

    for (const text of secrets) expect(text).toMatch(/^sifs_[A-Za-z0-9_-]{195,251}$/);
    expect(secrets.every(isTokenSecret)).toBe(true);
    expect(new Set(secrets).size).toBe(100);
  });
});

describe("hashTokenSecret", () => {
  it("returns the SHA-256 in hex", () => {
    expect(hashTokenSecret("abc")).toBe(
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    );
  });
});

function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}
