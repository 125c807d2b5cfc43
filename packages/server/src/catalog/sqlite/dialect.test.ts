import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import Database from "better-sqlite3";
import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { type Catalog, inTransaction } from "../catalog.js";
import { insertUser, listUsers } from "../users.js";
import { sqlOf } from "../sql.js";
import { openSqliteCatalog } from "./open-catalog.js";

describe("createSqliteDialect", () => {
  let folder: string;
  let path: string;
  let catalog: Catalog;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "sifshelf-dialect-"));
    path = join(folder, "catalog.sqlite");
    catalog = await openSqliteCatalog(path);
  });
  afterEach(async () => {
    await catalog.close();
    rmSync(folder, { recursive: true });
  });

  describe("when a transaction reads before it writes", () => {
    it("holds others off from its start, so that its own write cannot fail", async () => {
      const other = new Database(path, { timeout: 0 });
      await inTransaction(catalog, {}, async (transaction) => {
        await listUsers(transaction);

        expect(() => other.exec("insert into users values ('1', 'other', 0, 1)")).toThrow(
          expect.objectContaining({ code: "SQLITE_BUSY" }),
        );
        await addUser(transaction, "alice");
      });
      other.exec("insert into users values ('1', 'other', 0, 1)");
      other.close();

      expect((await listUsers(catalog)).map((user) => user.name)).toEqual(["alice", "other"]);
    });
  });

  describe("when a transaction need not be synced", () => {
    const NORMAL = 1;
    const FULL = 2;
    // Set when a statement is prepared, and statements are kept: asked with another text each time.
    let asked = 0;
    const level = async (handle: Catalog) => {
      const { rows } = await sql<{ synchronous: number }>`${sql.raw(
        `pragma synchronous -- ${(asked += 1)}`,
      )}`.execute(sqlOf(handle));
      return rows[0]?.synchronous;
    };

    it("is not, but those after it are, and those that it joins", async () => {
      await inTransaction(catalog, { durability: "lazy" }, async (transaction) => {
        await addUser(transaction, "alice");
        expect(await level(transaction)).toBe(NORMAL);
      });
      expect(await level(catalog)).toBe(FULL);
      await inTransaction(catalog, {}, async (transaction) => {
        expect(await level(transaction)).toBe(FULL);
        await inTransaction(transaction, { durability: "lazy" }, async (joined) => {
          expect(await level(joined)).toBe(FULL);
        });
      });
      expect((await listUsers(catalog)).map((user) => user.name)).toEqual(["alice"]);
    });

    it("keeps nothing when it fails, and those after it are synced", async () => {
      const failure = new Error("failed");
      const failing = inTransaction(catalog, { durability: "lazy" }, async (transaction) => {
        await addUser(transaction, "alice");
        throw failure;
      });
      await expect(failing).rejects.toBe(failure);
      expect(await level(catalog)).toBe(FULL);
      expect(await listUsers(catalog)).toEqual([]);
    });

    it("leaves those after it synced when it cannot even begin", async () => {
      await sql`pragma busy_timeout = 1`.execute(sqlOf(catalog));
      const other = new Database(path);
      other.exec("begin immediate");
      const failing = inTransaction(catalog, { durability: "lazy" }, async () => {});
      await expect(failing).rejects.toMatchObject({ code: "unavailable" });
      other.exec("rollback");
      other.close();
      expect(await level(catalog)).toBe(FULL);
    });
  });

  describe("when the catalog is busy for longer than the timeout", () => {
    it("rejects with unavailable", async () => {
      await sql`pragma busy_timeout = 1`.execute(sqlOf(catalog));
      const other = new Database(path);
      other.exec("begin immediate");

      await expect(addUser(catalog, "alice")).rejects.toMatchObject({
        name: "Fault",
        code: "unavailable",
      });
      other.exec("rollback");
      other.close();
      await addUser(catalog, "alice");

      expect(await listUsers(catalog)).toHaveLength(1);
    });
  });

  describe("when the disk is full", () => {
    it("rejects with storage-full, keeps nothing of the transaction, and goes on afterwards", async () => {
      const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(sqlOf(catalog));
      await sql`pragma max_page_count = ${sql.raw(String(rows[0]!.page_count))}`.execute(
        sqlOf(catalog),
      );
      const work = inTransaction(catalog, {}, async (transaction) => {
        for (let n = 0; n < 1000; n++) await addUser(transaction, `user${n}-${"x".repeat(1000)}`);
      });

      await expect(work).rejects.toMatchObject({ name: "Fault", code: "storage-full" });
      expect(await listUsers(catalog)).toEqual([]);
      await sql`pragma max_page_count = 100000`.execute(sqlOf(catalog));
      await addUser(catalog, "alice");
      expect(await listUsers(catalog)).toHaveLength(1);
    });
  });
});

function addUser(catalog: Catalog, name: string) {
  return insertUser(catalog, { name, isAdmin: false, nowMs: 1 });
}
