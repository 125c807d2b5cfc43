import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { Catalog } from "../catalog.js";
import { ANYONE, createFixtures } from "../fixtures.contract.js";
import { openCatalog } from "../open/open-catalog.js";
import { sqlOf } from "../sql.js";
import { searchContainers } from "./search.js";
import { tidySearchIndex } from "./tidy-index.js";

describe("tidySearchIndex", () => {
  let folder: string;
  let catalog: Catalog;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "sifshelf-tidy-"));
    catalog = await openCatalog({ kind: "sqlite", path: join(folder, "catalog.sqlite") });
  });
  afterEach(async () => {
    await catalog.close();
    rmSync(folder, { recursive: true });
  });

  /** The number of the segment is in the upper bits of a page's id. */
  const countSegments = async () => {
    const { rows } = await sql<{ count: number }>`
      select count(distinct id >> 37) as count from search_index_data
      where id >= (1 << 37)`.execute(sqlOf(catalog));
    return rows[0]?.count ?? 0;
  };
  const found = async () =>
    (await searchContainers(catalog, { viewer: ANYONE, text: "app", limit: 50 })).found.map(
      ({ record }) => record.name,
    );

  describe("when many transactions have written", () => {
    it("leaves few segments and the same results, and then has nothing to do", async () => {
      const make = createFixtures(catalog);
      const alice = await make.user("alice");
      for (let n = 0; n < 12; n++) await make.container(alice, `lab/tools/app-${n}`);
      const before = await found();
      expect(await countSegments()).toBeGreaterThan(10);
      while (await tidySearchIndex(catalog)) {
        // Until all is merged.
      }

      expect(await countSegments()).toBeLessThan(4);
      expect(await found()).toEqual(before);
      expect(before).toHaveLength(12);
      expect(await tidySearchIndex(catalog)).toBe(false);
    });
  });
});
