import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { type Catalog, catalogOver } from "../catalog.js";
import { catalogVersion, migrateCatalog } from "./migrate.js";
import { MIGRATIONS } from "./all.js";
import type { Migration } from "./migration.js";
import { sqlOf } from "../sql.js";
import { openSqliteAdapter } from "../sqlite/open-adapter.js";
import { insertUser, listUsers } from "../users.js";

const addShelves: Migration = {
  name: "shelves",
  up: async (transaction) => {
    await transaction.schema.createTable("shelves").addColumn("id", "text").execute();
  },
};
const failHalfway: Migration = {
  name: "fails",
  up: async (transaction) => {
    await transaction.schema.createTable("halves").addColumn("id", "text").execute();
    throw new Error("half way");
  },
};

describe("migrateCatalog", () => {
  let catalog: Catalog;

  beforeEach(async () => {
    catalog = catalogOver(await openSqliteAdapter({ kind: "sqlite", path: ":memory:" }));
  });
  afterEach(() => catalog.close());

  const tableNames = async () =>
    (await sqlOf(catalog).introspection.getTables()).map((table) => table.name);

  describe("when the catalog is empty", () => {
    it("makes it the newest version, and does nothing the second time", async () => {
      expect(await catalogVersion(catalog)).toBe(0);
      await migrateCatalog(catalog);
      await migrateCatalog(catalog);

      expect(await catalogVersion(catalog)).toBe(MIGRATIONS.length);
    });
  });

  describe("when there is a new migration", () => {
    it("runs only that one and keeps the data", async () => {
      await migrateCatalog(catalog);
      await insertUser(catalog, { name: "alice", isAdmin: false, nowMs: 1 });
      await migrateCatalog(catalog, [...MIGRATIONS, addShelves]);

      expect(await listUsers(catalog)).toHaveLength(1);
      expect(await tableNames()).toContain("shelves");
      expect(await catalogVersion(catalog, [...MIGRATIONS, addShelves])).toBe(
        MIGRATIONS.length + 1,
      );
    });
  });

  describe("when a migration of a new catalog fails", () => {
    it("rejects and leaves the catalog empty", async () => {
      const migrations = [...MIGRATIONS, failHalfway];

      await expect(migrateCatalog(catalog, migrations)).rejects.toThrow("half way");
      expect(await catalogVersion(catalog, migrations)).toBe(0);
      expect(await tableNames()).toEqual([]);
    });
  });

  describe("when a migration fails", () => {
    it("rejects, keeps those before it and nothing of it", async () => {
      const migrations = [...MIGRATIONS, addShelves, failHalfway];
      await migrateCatalog(catalog);

      await expect(migrateCatalog(catalog, migrations)).rejects.toThrow("half way");
      expect(await catalogVersion(catalog, migrations)).toBe(MIGRATIONS.length + 1);
      expect(await tableNames()).toContain("shelves");
      expect(await tableNames()).not.toContain("halves");
    });
  });

  describe("when the catalog is newer than the release, which can use it all the same", () => {
    it("leaves it as it is, and says its version", async () => {
      const newer = { ...addShelves, needs: MIGRATIONS.length };
      await migrateCatalog(catalog, [...MIGRATIONS, newer]);
      await migrateCatalog(catalog);

      expect(await catalogVersion(catalog)).toBe(MIGRATIONS.length + 1);
      expect(await tableNames()).toContain("shelves");
    });

    it("does so for as long as no migration needs more", async () => {
      const newer = { ...addShelves, needs: MIGRATIONS.length };
      const contract: Migration = { name: "contract", up: async () => {} };
      const much = { ...contract, needs: 1 };
      await migrateCatalog(catalog, [...MIGRATIONS, newer, contract, much]);

      await expect(migrateCatalog(catalog)).rejects.toMatchObject({ code: "catalog-too-new" });
      await migrateCatalog(catalog, [...MIGRATIONS, newer, contract]);
      expect(await catalogVersion(catalog, [...MIGRATIONS, newer, contract])).toBe(
        MIGRATIONS.length + 3,
      );
    });
  });

  describe("when a release before `needs` has made the catalog", () => {
    it("adds the column, and takes each version as needed", async () => {
      await sql`create table catalog_versions (version bigint primary key, name text not null, migrated_at bigint not null)`.execute(
        sqlOf(catalog),
      );
      await sql`insert into catalog_versions values (${MIGRATIONS.length + 1}, 'old', 1)`.execute(
        sqlOf(catalog),
      );

      await expect(catalogVersion(catalog)).rejects.toMatchObject({ code: "catalog-too-new" });
      const upToOld = [...MIGRATIONS, addShelves];
      expect(await catalogVersion(catalog, upToOld)).toBe(MIGRATIONS.length + 1);
      const next: Migration = { name: "next", needs: 1, up: async () => {} };
      await migrateCatalog(catalog, [...upToOld, next]);
      expect(await catalogVersion(catalog, upToOld)).toBe(MIGRATIONS.length + 2);
      await expect(catalogVersion(catalog)).rejects.toMatchObject({ code: "catalog-too-new" });
    });
  });

  describe("when the catalog is newer than the release", () => {
    it("rejects with catalog-too-new and changes nothing", async () => {
      await migrateCatalog(catalog, [...MIGRATIONS, addShelves]);

      await expect(migrateCatalog(catalog)).rejects.toMatchObject({
        name: "CatalogError",
        code: "catalog-too-new",
      });
      await expect(catalogVersion(catalog)).rejects.toMatchObject({ code: "catalog-too-new" });
    });
  });
});
