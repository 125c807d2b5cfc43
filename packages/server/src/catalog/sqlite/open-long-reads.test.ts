import { mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { Session } from "../session/adapter.js";
import { type Catalog, inTransaction } from "../catalog.js";
import { readLong } from "../session/long-reads.js";
import { sqlOf } from "../sql.js";
import { findUserByName, insertUser, listUsers } from "../users.js";
import { openCatalog } from "../open/open-catalog.js";
import { openLongReads } from "./open-long-reads.js";

/** Takes some tenths of a second. */
const SLOW = sql<{ n: number }>`
  with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < 3000000)
  select max(n) as n from numbers`;

const never = () => false;

const countUsers = async ({ db }: Session) =>
  (await sql<{ count: number }>`select count(*) as count from users`.execute(db)).rows;

describe("openLongReads", () => {
  let folder: string;
  let path: string;
  let catalog: Catalog;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "sifshelf-reads-"));
    path = join(folder, "catalog.sqlite");
    catalog = await openCatalog({ kind: "sqlite", path });
  });
  afterEach(async () => {
    await catalog.close();
    rmSync(folder, { recursive: true });
  });

  describe("when a read takes long", () => {
    it("returns its rows, and the event loop goes on meanwhile", async () => {
      // The thread starts before the time is taken.
      await readLong(catalog, (reader) => sql`select 1`.execute(sqlOf(reader)));
      let turns = 0;
      const counting = setInterval(() => (turns += 1), 5);
      const { rows } = await readLong(catalog, (reader) => SLOW.execute(sqlOf(reader)));
      clearInterval(counting);

      expect(rows).toEqual([{ n: 3_000_000 }]);
      expect(turns).toBeGreaterThan(5);
    });
  });

  describe("when something was committed", () => {
    it("has it", async () => {
      await readLong(catalog, listUsers);
      await insertUser(catalog, { name: "alice", isAdmin: false, nowMs: 1 });

      expect(await readLong(catalog, (reader) => findUserByName(reader, "alice"))).toBeDefined();
    });
  });

  describe("when it is asked for in a transaction", () => {
    it("has what the transaction wrote", async () => {
      const found = await inTransaction(catalog, {}, async (transaction) => {
        await insertUser(transaction, { name: "alice", isAdmin: false, nowMs: 1 });
        return readLong(transaction, (reader) => findUserByName(reader, "alice"));
      });

      expect(found).toBeDefined();
    });
  });

  describe("when a read fails", () => {
    it("rejects with what SQLite says, and reads again afterwards", async () => {
      const failing = readLong(catalog, (reader) => sql`select no_such()`.execute(sqlOf(reader)));

      await expect(failing).rejects.toMatchObject({ name: "SqliteError", code: "SQLITE_ERROR" });
      expect(await readLong(catalog, listUsers)).toEqual([]);
    });

    it("rejects what would write", async () => {
      const writing = readLong(catalog, (reader) =>
        insertUser(reader, { name: "alice", isAdmin: false, nowMs: 1 }),
      );

      await expect(writing).rejects.toMatchObject({ code: "SQLITE_READONLY" });
      await expect(
        readLong(catalog, (reader) => inTransaction(reader, {}, listUsers)),
      ).rejects.toThrow("cannot write");
      expect(await listUsers(catalog)).toEqual([]);
    });
  });

  describe("when the thread dies", () => {
    it("fails the reads that it had, and starts another for the next", async () => {
      const moved = `${path}.moved`;
      const reads = openLongReads(moved);
      const failing = [reads.run(countUsers, never), reads.run(countUsers, never)];
      for (const each of failing) await expect(each).rejects.toMatchObject({ code: "unavailable" });
      await catalog.close();
      renameSync(path, moved);
      catalog = await openCatalog({ kind: "sqlite", path: moved });

      expect(await reads.run(countUsers, never)).toEqual([{ count: 0 }]);
      await reads.close();
    });
  });

  describe("when the catalog is closed", () => {
    it("rejects the read that runs and the one that waits", async () => {
      const reads = [1, 2, 3].map(() =>
        readLong(catalog, (reader) => SLOW.execute(sqlOf(reader))).catch((error: unknown) => error),
      );
      await setTimeout(50);
      await catalog.close();

      for (const error of await Promise.all(reads)) {
        expect(error).toMatchObject({ name: "Fault", code: "unavailable" });
      }
      catalog = await openCatalog({ kind: "sqlite", path });
    });
  });
});
