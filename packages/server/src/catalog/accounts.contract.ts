import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Catalog, inTransaction } from "./catalog.js";
import { addDownload, findContainerById } from "./containers.js";
import { currentSigningKey, findSigningKey } from "./signing-keys.js";
import { findTokenByHash, findTokenById, insertToken, listTokens, revokeToken } from "./tokens.js";
import { findUserById, findUserByName, insertUser, listUsers } from "./users.js";
import { type OpenedCatalog, NOW_MS, createFixtures } from "./fixtures.contract.js";

/** What every catalog must do with transactions, users, tokens and signing keys. */
export function describeAccounts(openCatalog: () => Promise<OpenedCatalog>): void {
  let opened: OpenedCatalog;
  let catalog: Catalog;
  let make: ReturnType<typeof createFixtures>;

  beforeEach(async () => {
    opened = await openCatalog();
    catalog = opened.catalog;
    make = createFixtures(catalog);
  });
  afterEach(() => opened.close());

  describe("inTransaction", () => {
    it("keeps nothing when the work throws", async () => {
      const fault = new Error("stop");
      const work = inTransaction(catalog, {}, async (transaction) => {
        await insertUser(transaction, { name: "alice", isAdmin: false, nowMs: NOW_MS });
        throw fault;
      });

      await expect(work).rejects.toBe(fault);
      expect(await listUsers(catalog)).toEqual([]);
    });

    it("joins the transaction it is called in", async () => {
      const work = inTransaction(catalog, {}, async (outer) => {
        await inTransaction(outer, {}, (inner) =>
          insertUser(inner, { name: "alice", isAdmin: false, nowMs: NOW_MS }),
        );
        throw new Error("stop");
      });

      await expect(work).rejects.toThrow("stop");
      expect(await listUsers(catalog)).toEqual([]);
    });

    it("lets one write after the other", async () => {
      const { id: containerId } = await make.container(await make.user("alice"), "alice/tools/app");
      await Promise.all(
        Array.from({ length: 50 }, () =>
          inTransaction(catalog, {}, async (transaction) => {
            await findContainerById(transaction, containerId);
            await addDownload(transaction, containerId);
          }),
        ),
      );

      expect((await findContainerById(catalog, containerId))?.downloadCount).toBe(50);
    });
  });

  describe("users", () => {
    it("returns a new user, found by name and by id", async () => {
      const alice = await insertUser(catalog, { name: "alice", isAdmin: true, nowMs: NOW_MS });

      expect(alice).toMatchObject({ name: "alice", isAdmin: true, createdAtMs: NOW_MS });
      expect(alice?.id).toMatch(/^[0-9a-f]{24}$/);
      expect(await findUserByName(catalog, "alice")).toEqual(alice);
      expect(await findUserById(catalog, alice!.id)).toEqual(alice);
    });

    it("returns undefined for a name that is taken, and changes nothing", async () => {
      const alice = await make.user("alice");

      expect(await insertUser(catalog, { name: "alice", isAdmin: true, nowMs: 1 })).toBeUndefined();
      expect(await listUsers(catalog)).toEqual([alice]);
    });

    it("returns undefined for who is not there", async () => {
      expect(await findUserByName(catalog, "nobody")).toBeUndefined();
      expect(await findUserById(catalog, "0".repeat(24))).toBeUndefined();
    });

    it("lists by name", async () => {
      await make.user("bob");
      await make.user("alice");

      expect((await listUsers(catalog)).map((user) => user.name)).toEqual(["alice", "bob"]);
    });
  });

  describe("tokens", () => {
    const hash = "ab".repeat(32);

    it("returns a new token with its user, by hash and by id", async () => {
      const user = await make.user("alice");
      const token = await insertToken(catalog, {
        userId: user.id,
        hash,
        label: "ci",
        scope: "write",
        expiresAtMs: NOW_MS + 1,
        nowMs: NOW_MS,
      });

      expect(token).toMatchObject({
        userId: user.id,
        label: "ci",
        scope: "write",
        revokedAtMs: null,
      });
      expect(await findTokenByHash(catalog, hash)).toEqual({ token, user });
      expect(await findTokenById(catalog, token.id)).toEqual({ token, user });
    });

    it("returns undefined for a hash or id that is not there", async () => {
      expect(await findTokenByHash(catalog, hash)).toBeUndefined();
      expect(await findTokenById(catalog, "0".repeat(24))).toBeUndefined();
    });

    it("revokes once, and keeps the time of that", async () => {
      const { id: userId } = await make.user("alice");
      const { id } = await insertToken(catalog, {
        userId,
        hash,
        label: "",
        scope: "read",
        expiresAtMs: null,
        nowMs: 1,
      });

      expect(await revokeToken(catalog, id, 2)).toBe(true);
      expect(await revokeToken(catalog, id, 3)).toBe(false);
      expect((await findTokenByHash(catalog, hash))?.token.revokedAtMs).toBe(2);
      expect(await revokeToken(catalog, "0".repeat(24), 2)).toBe(false);
    });

    it("lists all, or those of one user", async () => {
      const alice = await make.user("alice");
      const bob = await make.user("bob");
      const token = { label: "", scope: "read", expiresAtMs: null } as const;
      const first = await insertToken(catalog, { ...token, userId: alice.id, hash: "1", nowMs: 1 });
      const second = await insertToken(catalog, { ...token, userId: bob.id, hash: "2", nowMs: 2 });

      expect(await listTokens(catalog)).toEqual([first, second]);
      expect(await listTokens(catalog, bob.id)).toEqual([second]);
    });

    it("refuses a second token with the same hash", async () => {
      const { id: userId } = await make.user("alice");
      const token = {
        userId,
        hash,
        label: "",
        scope: "read",
        expiresAtMs: null,
        nowMs: 1,
      } as const;
      await insertToken(catalog, token);

      await expect(insertToken(catalog, token)).rejects.toBeInstanceOf(Error);
    });
  });

  describe("signing keys", () => {
    it("returns one key, however many ask at once, and finds it by id", async () => {
      const keys = await Promise.all(Array.from({ length: 10 }, () => currentSigningKey(catalog)));
      const [key] = keys;

      expect(new Set(keys.map(({ id }) => id)).size).toBe(1);
      expect(key?.secret).toHaveLength(32);
      expect(await findSigningKey(catalog, key!.id)).toEqual(key);
      expect(await findSigningKey(catalog, "other")).toBeUndefined();
    });
  });
}
