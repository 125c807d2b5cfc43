import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import Database from "better-sqlite3";
import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { type Db, inTransaction, inUnsyncedTransaction } from "../catalog.js";
import { insertUser, listUsers } from "../users.js";
import { openSqliteCatalog } from "./open-catalog.js";

describe("createSqliteDialect", () => {
  let folder: string;
  let path: string;
  let db: Db;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "sifshelf-dialect-"));
    path = join(folder, "catalog.sqlite");
    db = await openSqliteCatalog(path);
  });
  afterEach(async () => {
    await db.destroy();
    rmSync(folder, { recursive: true });
  });

  describe("when a transaction reads before it writes", () => {
    it("holds others off from its start, so that its own write cannot fail", async () => {
      const other = new Database(path, { timeout: 0 });
      await inTransaction(db, async (transaction) => {
        await listUsers(transaction);

        expect(() => other.exec("insert into users values ('1', 'other', 0, 1)")).toThrow(
          expect.objectContaining({ code: "SQLITE_BUSY" }),
        );
        await addUser(transaction, "alice");
      });
      other.exec("insert into users values ('1', 'other', 0, 1)");
      other.close();

      expect((await listUsers(db)).map((user) => user.name)).toEqual(["alice", "other"]);
    });
  });

  describe("when a transaction need not be synced", () => {
    const NORMAL = 1;
    const FULL = 2;
    // Set when a statement is prepared, and statements are kept: asked with another text each time.
    let asked = 0;
    const level = async (handle: Db) => {
      const { rows } = await sql<{ synchronous: number }>`${sql.raw(
        `pragma synchronous -- ${(asked += 1)}`,
      )}`.execute(handle);
      return rows[0]?.synchronous;
    };

    it("is not, but those after it are, and those that it joins", async () => {
      await inUnsyncedTransaction(db, async (transaction) => {
        await addUser(transaction, "alice");
        expect(await level(transaction)).toBe(NORMAL);
      });
      expect(await level(db)).toBe(FULL);
      await inTransaction(db, async (transaction) => {
        expect(await level(transaction)).toBe(FULL);
        await inUnsyncedTransaction(transaction, async (joined) => {
          expect(await level(joined)).toBe(FULL);
        });
      });
      expect((await listUsers(db)).map((user) => user.name)).toEqual(["alice"]);
    });

    it("keeps nothing when it fails, and those after it are synced", async () => {
      const failure = new Error("failed");
      const failing = inUnsyncedTransaction(db, async (transaction) => {
        await addUser(transaction, "alice");
        throw failure;
      });
      await expect(failing).rejects.toBe(failure);
      expect(await level(db)).toBe(FULL);
      expect(await listUsers(db)).toEqual([]);
    });

    it("leaves those after it synced when it cannot even begin", async () => {
      await sql`pragma busy_timeout = 1`.execute(db);
      const other = new Database(path);
      other.exec("begin immediate");
      const failing = inUnsyncedTransaction(db, async () => {});
      await expect(failing).rejects.toMatchObject({ code: "unavailable" });
      other.exec("rollback");
      other.close();
      expect(await level(db)).toBe(FULL);
    });
  });

  describe("when the catalog is busy for longer than the timeout", () => {
    it("rejects with unavailable", async () => {
      await sql`pragma busy_timeout = 1`.execute(db);
      const other = new Database(path);
      other.exec("begin immediate");

      await expect(addUser(db, "alice")).rejects.toMatchObject({
        name: "LibraryFault",
        code: "unavailable",
      });
      other.exec("rollback");
      other.close();
      await addUser(db, "alice");

      expect(await listUsers(db)).toHaveLength(1);
    });
  });

  describe("when the disk is full", () => {
    it("rejects with storage-full, keeps nothing of the transaction, and goes on afterwards", async () => {
      const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(db);
      await sql`pragma max_page_count = ${sql.raw(String(rows[0]!.page_count))}`.execute(db);
      const work = inTransaction(db, async (transaction) => {
        for (let n = 0; n < 1000; n++) await addUser(transaction, `user${n}-${"x".repeat(1000)}`);
      });

      await expect(work).rejects.toMatchObject({ name: "LibraryFault", code: "storage-full" });
      expect(await listUsers(db)).toEqual([]);
      await sql`pragma max_page_count = 100000`.execute(db);
      await addUser(db, "alice");
      expect(await listUsers(db)).toHaveLength(1);
    });
  });
});

function addUser(catalog: Db, name: string) {
  return insertUser(catalog, { name, isAdmin: false, nowMs: 1 });
}
