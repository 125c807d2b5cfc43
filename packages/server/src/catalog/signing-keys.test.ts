import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { Catalog } from "./catalog.js";
import { openCatalog } from "./open/open-catalog.js";
import { currentSigningKey, findSigningKey } from "./signing-keys.js";

const NEWEST = "f".repeat(24);

describe("signing keys", () => {
  let folder: string;
  let path: string;
  let catalogs: Catalog[];
  let statements: string[];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "sifshelf-keys-"));
    path = join(folder, "catalog.sqlite");
    statements = [];
    catalogs = [
      await openCatalog({ kind: "sqlite", path, trace: (text) => statements.push(text) }),
      await openCatalog({ kind: "sqlite", path }),
    ];
  });
  afterEach(async () => {
    vi.useRealTimers();
    await Promise.all(catalogs.map((catalog) => catalog.close()));
    rmSync(folder, { recursive: true });
  });

  function addKey(): void {
    const database = new Database(path);
    database
      .prepare("insert into signing_keys (id, secret, created_at, generation) values (?, ?, 1, 2)")
      .run(NEWEST, Buffer.alloc(32).toString("base64url"));
    database.close();
  }

  it("are one for two processes that create the first at once", async () => {
    const keys = await Promise.all(catalogs.map((catalog) => currentSigningKey(catalog)));

    expect(keys[0]).toEqual(keys[1]);
  });

  it("cost no query once they are read", async () => {
    const catalog = catalogs[0]!;
    const key = await currentSigningKey(catalog);
    statements.length = 0;

    expect(await currentSigningKey(catalog)).toEqual(key);
    expect(await findSigningKey(catalog, key.id)).toEqual(key);
    expect(statements).toEqual([]);
  });

  it("are found at once when another process has signed with a new one", async () => {
    await currentSigningKey(catalogs[0]!);
    addKey();

    expect(await findSigningKey(catalogs[0]!, NEWEST)).toMatchObject({ id: NEWEST });
  });

  it("are used within 10 s when another process adds one", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    const first = await currentSigningKey(catalogs[0]!);
    addKey();

    vi.advanceTimersByTime(9_000);
    expect(await currentSigningKey(catalogs[0]!)).toEqual(first);
    vi.advanceTimersByTime(1_001);
    expect((await currentSigningKey(catalogs[0]!)).id).toBe(NEWEST);
  });
});
