import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { addUser } from "../auth/add-user.js";
import { authenticate } from "../auth/authenticate.js";
import type { Db } from "../catalog/catalog.js";
import { findCollection } from "../catalog/collections.js";
import { findEntityByName } from "../catalog/entities.js";
import { openSqliteCatalog } from "../catalog/sqlite/open-catalog.js";
import { listTokens } from "../catalog/tokens.js";
import { listUsers } from "../catalog/users.js";
import { setUpOnFirstStart } from "./first-start.js";

const NOW_MS = 1_800_000_000_000;

describe("setUpOnFirstStart", () => {
  let folder: string;
  let db: Db;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "sifshelf-first-"));
    db = await openSqliteCatalog(join(folder, "catalog.sqlite"));
  });
  afterEach(async () => {
    await db.destroy();
    rmSync(folder, { recursive: true });
  });

  describe("when the catalog is empty", () => {
    it("returns the token of a new admin, who owns the entity and collection of short refs", async () => {
      const secret = await setUpOnFirstStart(db, NOW_MS);

      expect(await authenticate(db, `Bearer ${secret}`, NOW_MS)).toMatchObject({
        userName: "admin",
        isAdmin: true,
        scope: "admin",
      });
      expect(await findEntityByName(db, "library")).toMatchObject({
        ownerName: "admin",
        quotaBytes: 0,
      });
      expect(await findCollection(db, "library", "default")).toMatchObject({
        ownerName: "admin",
        isPrivate: false,
      });
    });
  });

  describe("when it was set up before", () => {
    it("returns nothing and changes nothing", async () => {
      await setUpOnFirstStart(db, NOW_MS);

      expect(await setUpOnFirstStart(db, NOW_MS)).toBeUndefined();
      expect(await listUsers(db)).toHaveLength(1);
      expect(await listTokens(db)).toHaveLength(1);
    });
  });

  describe("when two ask at once", () => {
    it("returns a token to one of them", async () => {
      const secrets = await Promise.all([
        setUpOnFirstStart(db, NOW_MS),
        setUpOnFirstStart(db, NOW_MS),
      ]);

      expect(secrets.filter((secret) => secret !== undefined)).toHaveLength(1);
    });
  });

  describe("when users were added before", () => {
    it("keeps them, none of whom can be called admin", async () => {
      await addUser(db, { name: "alice", isAdmin: true, nowMs: NOW_MS });

      await expect(
        addUser(db, { name: "admin", isAdmin: false, nowMs: NOW_MS }),
      ).rejects.toMatchObject({
        name: "LibraryFault",
        code: "conflict",
      });
      expect(await setUpOnFirstStart(db, NOW_MS)).toBeDefined();
      expect((await listUsers(db)).map((user) => user.name)).toEqual(["admin", "alice"]);
    });
  });
});
