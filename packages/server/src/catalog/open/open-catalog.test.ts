import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import Database from "better-sqlite3";
import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { inTransaction } from "../catalog.js";
import { describeCatalog } from "../catalog.contract.js";
import { catalogVersion } from "../migrations/migrate.js";
import { MIGRATIONS } from "../migrations/all.js";
import { findUserByName, insertUser } from "../users.js";
import { sqlOf } from "../sql.js";
import { type CatalogConfig, openCatalog } from "./open-catalog.js";

const openFile = (path: string, options: Pick<CatalogConfig, "migrate"> = {}) =>
  openCatalog({ kind: "sqlite", path, ...options });

async function openTemporaryCatalog() {
  const folder = mkdtempSync(join(tmpdir(), "sifshelf-catalog-"));
  const catalog = await openFile(join(folder, "catalog.sqlite"));
  return {
    catalog,
    async close() {
      await catalog.close();
      rmSync(folder, { recursive: true });
    },
  };
}

describeCatalog("SQLite", openTemporaryCatalog);

describeCatalog("SQLite in memory", async () => {
  const catalog = await openFile(":memory:");
  return { catalog, close: () => catalog.close() };
});

describe("openCatalog", () => {
  let folder: string;
  let path: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "sifshelf-catalog-"));
    path = join(folder, "catalog.sqlite");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  describe("when there is no catalog", () => {
    it("makes one that only its owner can read", async () => {
      const catalog = await openFile(path);
      await insertUser(catalog, { name: "alice", isAdmin: false, nowMs: 1 });
      const modes = readdirSync(folder).map((name) => statSync(join(folder, name)).mode & 0o777);
      await catalog.close();

      expect(modes.length).toBeGreaterThan(1);
      expect(new Set(modes)).toEqual(new Set([0o600]));
    });
  });

  describe("when there is one", () => {
    it("finds what was written, with every commit on disk and foreign keys checked", async () => {
      const first = await openFile(path);
      await insertUser(first, { name: "alice", isAdmin: false, nowMs: 1 });
      await first.close();
      const second = await openFile(path, { migrate: "if-new" });

      expect(await findUserByName(second, "alice")).toBeDefined();
      for (const [pragma, value] of [
        ["journal_mode", "wal"],
        ["synchronous", 2],
        ["foreign_keys", 1],
      ] as const) {
        // Inside a transaction, to ask the connection that writes.
        await inTransaction(second, {}, async (transaction) => {
          const { rows } = await sql<Record<string, unknown>>`pragma ${sql.raw(pragma)}`.execute(
            sqlOf(transaction),
          );
          expect(rows).toEqual([{ [pragma]: value }]);
        });
      }
      await second.close();
    });
  });

  describe("when the file is no catalog", () => {
    it.each([
      [
        "text",
        Buffer.from(
          "this is not a database, and long enough to have a header of its own\n".repeat(50),
        ),
      ],
      ["zeroes", Buffer.alloc(8192)],
    ])("rejects %s as corrupt and leaves it as it is", async (_, bytes) => {
      writeFileSync(path, bytes);

      await expect(openFile(path)).rejects.toMatchObject({
        name: "CatalogError",
        code: "catalog-corrupt",
      });
      expect(statSync(path).size).toBe(bytes.length);
    });

    it("rejects a damaged catalog as corrupt", async () => {
      const catalog = await openFile(path);
      await catalog.close();
      const size = statSync(path).size;
      writeFileSync(path, Buffer.alloc(size - 100, 0xa5), { flag: "r+" });

      await expect(openFile(path)).rejects.toMatchObject({ code: "catalog-corrupt" });
    });
  });

  describe("when the file cannot be opened", () => {
    it("rejects a folder in its place", async () => {
      await expect(openFile(folder)).rejects.toMatchObject({
        code: "catalog-not-accessible",
      });
    });

    it("rejects a path without a folder", async () => {
      await expect(openFile(join(folder, "none", "catalog.sqlite"))).rejects.toMatchObject({
        code: "catalog-not-accessible",
      });
    });
  });

  describe("when the catalog has another version", () => {
    const NEWER = MIGRATIONS.length + 1;

    it.each(["always", "if-new"] as const)(
      "rejects one that needs a newer release (migrate: %s)",
      async (migrate) => {
        await (await openFile(path)).close();
        addVersion(path, { version: NEWER, needs: NEWER });

        await expect(openFile(path, { migrate })).rejects.toMatchObject({
          code: "catalog-too-new",
        });
      },
    );

    it.each(["always", "if-new"] as const)(
      "opens a newer one that this release can use, and leaves its version (migrate: %s)",
      async (migrate) => {
        await (await openFile(path)).close();
        addVersion(path, { version: NEWER, needs: MIGRATIONS.length });
        const catalog = await openFile(path, { migrate });
        await insertUser(catalog, { name: "alice", isAdmin: false, nowMs: 1 });

        expect(await findUserByName(catalog, "alice")).toBeDefined();
        expect(await catalogVersion(catalog)).toBe(NEWER);
        await catalog.close();
      },
    );
  });
});

function addVersion(path: string, row: { version: number; needs: number }) {
  const database = new Database(path);
  database.prepare("insert into catalog_versions values (@version, 'other', 1, @needs)").run(row);
  database.close();
}
