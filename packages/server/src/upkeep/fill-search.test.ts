import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { Catalog } from "../catalog/catalog.js";
import { ADMIN, createFixtures } from "../catalog/fixtures.contract.js";
import { searchContainers } from "../catalog/search/search.js";
import { sqlOf } from "../catalog/sql.js";
import { openCatalog } from "../catalog/open/open-catalog.js";
import { fillSearch } from "./fill-search.js";
import { WHOLE_TASK } from "./fixtures.contract.js";

describe("fillSearch", () => {
  let folder: string;
  let catalog: Catalog;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "sifshelf-fill-"));
    catalog = await openCatalog({ kind: "sqlite", path: join(folder, "catalog.sqlite") });
    const make = createFixtures(catalog);
    const alice = await make.user("alice");
    for (let n = 0; n < 60; n++) await make.container(alice, `lab/tools/app-${n}`);
    await sqlOf(catalog).deleteFrom("search_documents").execute();
  });
  afterEach(async () => {
    await catalog.close();
    rmSync(folder, { recursive: true });
  });

  const count = async () =>
    (await searchContainers(catalog, { viewer: ADMIN, text: "app", limit: 99 })).found.length;
  const markUnfilled = () =>
    sqlOf(catalog).insertInto("search_fill").values({ before_id: "g" }).execute();

  describe("when things have no documents", () => {
    it("gives them some", async () => {
      await markUnfilled();

      expect(await fillSearch({ catalog }, WHOLE_TASK)).toBe(100);
      expect(await count()).toBe(60);
      expect(await fillSearch({ catalog }, WHOLE_TASK)).toBe(0);
    });
  });

  describe("when it is stopped", () => {
    it("rejects, and goes on the next time where it was", async () => {
      await markUnfilled();
      const signal = AbortSignal.abort(new Error("stopped"));

      await expect(fillSearch({ catalog }, { signal })).rejects.toThrow("aborted");
      const found = await count();
      expect(found).toBeGreaterThan(0);
      expect(found).toBeLessThan(60);
      await fillSearch({ catalog }, WHOLE_TASK);
      expect(await count()).toBe(60);
    });
  });
});
