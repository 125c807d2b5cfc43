import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { addUser } from "./add-user.js";
import { authenticate } from "./authenticate.js";
import type { Catalog } from "../catalog/catalog.js";
import { findCollection } from "../catalog/collections.js";
import { findEntityByName } from "../catalog/entities.js";
import { openCatalog } from "../catalog/open/open-catalog.js";
import { listTokens } from "../catalog/tokens.js";
import { listUsers } from "../catalog/users.js";
import { setUpOnFirstStart } from "./first-start.js";

const NOW_MS = 1_800_000_000_000;

describe("setUpOnFirstStart", () => {
  let folder: string;
  let catalog: Catalog;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "sifshelf-first-"));
    catalog = await openCatalog({ kind: "sqlite", path: join(folder, "catalog.sqlite") });
  });
  afterEach(async () => {
    await catalog.close();
    rmSync(folder, { recursive: true });
  });

  describe("when the catalog is empty", () => {
    it("returns the token of a new admin, who owns the entity and collection of short refs", async () => {
      const secret = await setUpOnFirstStart(catalog, NOW_MS);

      expect(await authenticate(catalog, `Bearer ${secret}`, NOW_MS)).toMatchObject({
        userName: "admin",
        isAdmin: true,
        scope: "admin",
      });
      expect(await findEntityByName(catalog, "library")).toMatchObject({
        ownerName: "admin",
        quotaBytes: 0,
      });
      expect(await findCollection(catalog, "library", "default")).toMatchObject({
        ownerName: "admin",
        isPrivate: false,
      });
    });
  });

  describe("when it was set up before", () => {
    it("returns nothing and changes nothing", async () => {
      await setUpOnFirstStart(catalog, NOW_MS);

      expect(await setUpOnFirstStart(catalog, NOW_MS)).toBeUndefined();
      expect(await listUsers(catalog)).toHaveLength(1);
      expect(await listTokens(catalog)).toHaveLength(1);
    });
  });

  describe("when two ask at once", () => {
    it("returns a token to one of them", async () => {
      const secrets = await Promise.all([
        setUpOnFirstStart(catalog, NOW_MS),
        setUpOnFirstStart(catalog, NOW_MS),
      ]);

      expect(secrets.filter((secret) => secret !== undefined)).toHaveLength(1);
    });
  });

  describe("when two processes start at once on the same catalog", () => {
    it("returns a token to one of them, and both find one admin", async () => {
      const path = join(folder, "catalog.sqlite");
      const other = await openCatalog({ kind: "sqlite", path });
      const secrets = await Promise.all(
        [catalog, other].map((handle) => setUpOnFirstStart(handle, NOW_MS)),
      );

      expect(secrets.filter((secret) => secret !== undefined)).toHaveLength(1);
      for (const handle of [catalog, other]) {
        expect(await listUsers(handle)).toHaveLength(1);
        expect(await listTokens(handle)).toHaveLength(1);
      }
      await other.close();
    });
  });

  describe("when users were added before", () => {
    it("keeps them, none of whom can be called admin", async () => {
      await addUser(catalog, { name: "alice", isAdmin: true, nowMs: NOW_MS });

      await expect(
        addUser(catalog, { name: "admin", isAdmin: false, nowMs: NOW_MS }),
      ).rejects.toMatchObject({
        name: "Fault",
        code: "conflict",
      });
      expect(await setUpOnFirstStart(catalog, NOW_MS)).toBeDefined();
      expect((await listUsers(catalog)).map((user) => user.name)).toEqual(["admin", "alice"]);
    });
  });
});
