import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { Catalog } from "../catalog/catalog.js";
import { ADMIN, NOW_MS, createFixtures } from "../catalog/fixtures.contract.js";
import { searchContainers } from "../catalog/search/search.js";
import { sqlOf } from "../catalog/sql.js";
import { openCatalog } from "../catalog/open/open-catalog.js";
import { startSearchUpkeep } from "./keep-search.js";

describe("startSearchUpkeep", () => {
  let folder: string;
  let catalog: Catalog;
  const log = { info: vi.fn<() => void>(), error: vi.fn<() => void>() };

  beforeEach(async () => {
    vi.clearAllMocks();
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
    it("gives them some and says so", async () => {
      await markUnfilled();
      const upkeep = startSearchUpkeep(catalog, log);
      await vi.waitFor(() => expect(log.info).toHaveBeenCalledTimes(2));
      await upkeep.stop();

      expect(await count()).toBe(60);
      expect(log.info).toHaveBeenLastCalledWith({ count: 100 }, "all of the catalog is searchable");
    });
  });

  describe("when it is stopped", () => {
    it("goes on the next time where it was", async () => {
      await markUnfilled();
      await startSearchUpkeep(catalog, log).stop();
      expect(await count()).toBeLessThan(60);
      const upkeep = startSearchUpkeep(catalog, log);
      await vi.waitFor(async () => expect(await count()).toBe(60));
      await upkeep.stop();

      expect(log.error).not.toHaveBeenCalled();
    });
  });

  describe("when there is nothing to do", () => {
    it("says nothing", async () => {
      const upkeep = startSearchUpkeep(catalog, log);
      await createFixtures(catalog).user(`user-${NOW_MS}`);
      await upkeep.stop();

      expect(log.info).not.toHaveBeenCalled();
    });
  });
});
