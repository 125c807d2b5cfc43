import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout } from "node:timers/promises";

import Database from "better-sqlite3";
import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { type Catalog, inTransaction } from "../catalog.js";
import { createFixtures } from "../fixtures.contract.js";
import { openCatalog } from "../open/open-catalog.js";
import { sqlOf } from "../sql.js";
import { findUserByName, insertUser, listUsers } from "../users.js";

describe("openSqliteAdapter", () => {
  let folder: string;
  let path: string;
  let catalog: Catalog;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "sifshelf-adapter-"));
    path = join(folder, "catalog.sqlite");
    catalog = await openCatalog({ kind: "sqlite", path });
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

  describe("when a transaction is under way", () => {
    it("lets others read what was committed before, at once, and writes wait for its end", async () => {
      await addUser(catalog, "alice");
      const order: string[] = [];
      let writing: Promise<unknown> | undefined;
      await inTransaction(catalog, {}, async (transaction) => {
        await addUser(transaction, "bob");
        writing = addUser(catalog, "carol").then(() => order.push("carol"));
        expect((await listUsers(catalog)).map(({ name }) => name)).toEqual(["alice"]);
        expect((await listUsers(transaction)).map(({ name }) => name)).toEqual(["alice", "bob"]);
        order.push("end");
      });
      await writing;

      expect(order).toEqual(["end", "carol"]);
      expect(await listUsers(catalog)).toHaveLength(3);
    });

    it("refuses its handle once it has ended", async () => {
      const leaked = await inTransaction(catalog, {}, async (transaction) => transaction);

      await expect(async () => listUsers(leaked)).rejects.toThrow("the transaction has ended");
    });
  });

  describe("when many write at once", () => {
    const names = Array.from({ length: 20 }, (_, n) => `user${String(n).padStart(2, "0")}`);

    it.each<[string, (name: string) => Promise<unknown>]>([
      ["transactions", (name) => inTransaction(catalog, {}, (inner) => addUser(inner, name))],
      ["single writes", (name) => addUser(catalog, name)],
    ])("serves %s in the order they came", async (_, write) => {
      const served: string[] = [];
      await Promise.all(names.map((name) => write(name).then(() => served.push(name))));

      expect(served).toEqual(names);
    });
  });

  describe("when a transaction need not be synced", () => {
    const NORMAL = 1;
    const FULL = 2;
    // Set when a statement is prepared, and statements are kept: asked with another text each time.
    let asked = 0;
    const level = async (transaction: Catalog) => {
      const { rows } = await sql<{ synchronous: number }>`${sql.raw(
        `pragma synchronous -- ${(asked += 1)}`,
      )}`.execute(sqlOf(transaction));
      return rows[0]?.synchronous;
    };
    // A transaction, because other reads do not use the connection that writes.
    const levelAfterwards = () => inTransaction(catalog, {}, level);

    it("is not, but those after it are, and those that it joins", async () => {
      await inTransaction(catalog, { durability: "lazy" }, async (transaction) => {
        await addUser(transaction, "alice");
        expect(await level(transaction)).toBe(NORMAL);
      });
      expect(await levelAfterwards()).toBe(FULL);
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
      expect(await levelAfterwards()).toBe(FULL);
      expect(await listUsers(catalog)).toEqual([]);
    });

    it("leaves those after it synced when it cannot even begin", async () => {
      await catalog.close();
      catalog = await openCatalog({ kind: "sqlite", path, busyTimeoutMs: 1 });
      const other = new Database(path);
      other.exec("begin immediate");
      const failing = inTransaction(catalog, { durability: "lazy" }, async () => {});
      await expect(failing).rejects.toMatchObject({ code: "unavailable" });
      other.exec("rollback");
      other.close();
      expect(await levelAfterwards()).toBe(FULL);
    });
  });

  describe("when another process holds the lock for a second", () => {
    it("lets writes wait and succeed, while reads and the event loop go on", async () => {
      await addUser(catalog, "alice");
      const other = new Database(path);
      other.exec("begin immediate");
      const delays = monitorEventLoopDelay({ resolution: 5 });
      delays.enable();
      const startedAt = performance.now();
      const writes = Promise.all([
        addUser(catalog, "bob").then(() => performance.now() - startedAt),
        inTransaction(catalog, {}, (transaction) => addUser(transaction, "carol")),
      ]);
      const readsMs: number[] = [];
      for (let n = 0; n < 50; n++) {
        const readAt = performance.now();
        expect(await findUserByName(catalog, "alice")).toBeDefined();
        readsMs.push(performance.now() - readAt);
        await setTimeout(20);
      }
      delays.disable();
      other.exec("commit");
      other.close();
      const [waitedMs] = await writes;

      expect(waitedMs).toBeGreaterThan(1000);
      // A read that waits for the lock takes a second. Of 50, a busy machine may hold up a few.
      const sortedMs = readsMs.toSorted((a, b) => a - b);
      expect(sortedMs[44]).toBeLessThan(20);
      expect(sortedMs.at(-1)).toBeLessThan(200);
      // A timer's own lateness is in it, and other processes of the machine; SQLite's sleep was 1
      // s.
      expect(delays.percentile(99) / 1e6).toBeLessThan(100);
      expect(await listUsers(catalog)).toHaveLength(3);
    });
  });

  describe("when another process holds the lock while the catalog is opened", () => {
    it("opens, and migrates when the lock is free", async () => {
      const newPath = join(folder, "new.sqlite");
      const other = new Database(newPath);
      other.pragma("journal_mode = WAL");
      other.exec("begin exclusive");
      const opening = openCatalog({ kind: "sqlite", path: newPath });
      const ticks = await countTicks(200);
      other.exec("commit");
      other.close();
      const opened = await opening;
      await addUser(opened, "alice");
      await opened.close();

      expect(ticks).toBeGreaterThan(5);
    });
  });

  describe("when the catalog is busy for longer than the timeout", () => {
    it("rejects with unavailable all writes that came meanwhile, and goes on afterwards", async () => {
      await catalog.close();
      catalog = await openCatalog({ kind: "sqlite", path, busyTimeoutMs: 50 });
      const other = new Database(path);
      other.exec("begin immediate");

      const startedAt = performance.now();
      const results = await Promise.allSettled(
        Array.from({ length: 20 }, (_, n) => addUser(catalog, `user${n}`)),
      );
      for (const result of results) {
        expect(result).toMatchObject({ reason: { name: "Fault", code: "unavailable" } });
      }
      // Each waits from when it came, not from when its turn came.
      expect(performance.now() - startedAt).toBeLessThan(20 * 50);
      other.exec("rollback");
      other.close();
      await addUser(catalog, "alice");

      expect(await listUsers(catalog)).toHaveLength(1);
    });
  });

  describe("when something is created that exists, while another process holds the lock", () => {
    it("returns what exists, without waiting", async () => {
      const make = createFixtures(catalog);
      const alice = await make.user("alice");
      const container = await make.container(alice, "lab/tools/app");
      const image = await make.image(container.id, 1);
      const other = new Database(path);
      other.exec("begin immediate");

      expect(await make.container(alice, "lab/tools/app")).toEqual(container);
      expect(await make.image(container.id, 1)).toEqual(image);
      other.exec("rollback");
      other.close();
    });
  });

  describe("when the disk is full", () => {
    it("rejects with storage-full, keeps nothing of the transaction, and goes on afterwards", async () => {
      const inWriter = (text: string) =>
        inTransaction(catalog, {}, (transaction) =>
          sql<{ page_count: number }>`${sql.raw(text)}`.execute(sqlOf(transaction)),
        );
      const { rows } = await inWriter("pragma page_count");
      await inWriter(`pragma max_page_count = ${rows[0]!.page_count}`);
      const work = inTransaction(catalog, {}, async (transaction) => {
        for (let n = 0; n < 1000; n++) await addUser(transaction, `user${n}-${"x".repeat(1000)}`);
      });

      await expect(work).rejects.toMatchObject({ name: "Fault", code: "storage-full" });
      expect(await listUsers(catalog)).toEqual([]);
      await inWriter("pragma max_page_count = 100000");
      await addUser(catalog, "alice");
      expect(await listUsers(catalog)).toHaveLength(1);
    });
  });

  describe("when it is closed during a transaction", () => {
    it("closes after the transaction", async () => {
      let closing: Promise<void> | undefined;
      await inTransaction(catalog, {}, async (transaction) => {
        closing = catalog.close();
        await setTimeout(5);
        await addUser(transaction, "alice");
      });
      await closing;
      catalog = await openCatalog({ kind: "sqlite", path });

      expect(await listUsers(catalog)).toHaveLength(1);
    });
  });
});

function addUser(catalog: Catalog, name: string) {
  return insertUser(catalog, { name, isAdmin: false, nowMs: 1 });
}

/** How often the event loop comes round in that time. */
async function countTicks(ms: number): Promise<number> {
  const end = performance.now() + ms;
  let ticks = 0;
  for (; performance.now() < end; ticks++) await setTimeout(5);
  return ticks;
}
