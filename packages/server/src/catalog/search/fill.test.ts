import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { type Catalog, inTransaction } from "../catalog.js";
import { ANYONE, NOW_MS, createFixtures } from "../fixtures.contract.js";
import { deleteImage } from "../images.js";
import type { ContainerRecord, UserRecord } from "../records.js";
import { sqlOf } from "../sql.js";
import { openCatalog } from "../open/open-catalog.js";
import { putTag } from "../tags.js";
import { FILL_BATCH, fillSearch } from "./fill.js";
import { searchCollections, searchContainers, searchEntities, searchImages } from "./search.js";

describe("fillSearch", () => {
  let folder: string;
  let path: string;
  let catalog: Catalog;
  let alice: UserRecord;
  let container: ContainerRecord;
  let imageIds: string[];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "sifshelf-fill-"));
    path = join(folder, "catalog.sqlite");
    catalog = await openCatalog({ kind: "sqlite", path });
    const make = createFixtures(catalog);
    alice = await make.user("alice");
    container = await make.container(alice, "lab/tools/alpine");
    imageIds = [];
    for (let n = 1; n <= 5; n++) {
      imageIds.unshift((await make.uploadedImage(container.id, n, { nowMs: NOW_MS + n })).id);
    }
    await forgetDocuments();
  });
  afterEach(async () => {
    await catalog.close();
    rmSync(folder, { recursive: true });
  });

  /** Leaves the catalog as the migration does: things without documents. */
  const forgetDocuments = () =>
    inTransaction(catalog, {}, async (transaction) => {
      const db = sqlOf(transaction);
      await sql`delete from search_index`.execute(db);
      await db.deleteFrom("search_documents").execute();
      await db.insertInto("search_fill").values({ before_id: "g" }).execute();
    });

  const query = { viewer: ANYONE, limit: 50, text: "lpin" };
  const found = async (text = "lpin") =>
    (await searchImages(catalog, { ...query, text })).found.map(({ record }) => record.id);

  describe("when it is called until all have documents", () => {
    it("gives them from the newest to the oldest, in the order of age", async () => {
      expect(await found()).toEqual([]);
      expect(await fillSearch(catalog, 2)).toBe(true);
      expect(await found()).toEqual(imageIds.slice(0, 2));
      while (await fillSearch(catalog, 2)) {
        // Until all have one.
      }

      expect(await found()).toEqual(imageIds);
      const others = await Promise.all([
        searchEntities(catalog, { ...query, text: "lab" }),
        searchCollections(catalog, { ...query, text: "tools" }),
        searchContainers(catalog, query),
      ]);
      expect(others.map((page) => page.found.length)).toEqual([1, 1, 1]);
      expect(await fillSearch(catalog, 2)).toBe(false);
    });
  });

  describe("when things change before it comes to them", () => {
    it("has all of them once, as they are then", async () => {
      const make = createFixtures(catalog);
      const [, second = "", third = ""] = imageIds;
      await fillSearch(catalog, 1);
      const added = await make.uploadedImage(container.id, 9, { nowMs: NOW_MS + 9 });
      await deleteImage(catalog, second);
      await tagImage(third, "moved");
      while (await fillSearch(catalog, 1)) {
        // Until all have one.
      }

      expect(await found("moved")).toEqual([third]);
      const rest = imageIds.filter((id) => id !== second);
      expect((await found()).toSorted()).toEqual([added.id, ...rest].toSorted());
    });
  });

  describe("when a catalog with few things is opened", () => {
    it("is complete", async () => {
      await catalog.close();
      catalog = await openCatalog({ kind: "sqlite", path });

      expect(await found()).toEqual(imageIds);
      expect(await fillSearch(catalog)).toBe(false);
    });
  });

  describe("when a catalog with many things is opened", () => {
    it("is left to be filled later", async () => {
      await addImages(10_000);
      await catalog.close();
      catalog = await openCatalog({ kind: "sqlite", path });

      expect(await found()).toEqual([]);
      expect(await fillSearch(catalog)).toBe(true);
      // The others of the batch are the container, its collection and its entity.
      expect(await found()).toHaveLength(FILL_BATCH - 3);
    });
  });

  async function tagImage(id: string, name: string): Promise<void> {
    const tag = { containerId: container.id, arch: "", name, imageId: id };
    await putTag(catalog, { ...tag, updatedBy: "alice", nowMs: NOW_MS });
  }

  /** Adds rows of images, without documents. */
  async function addImages(count: number): Promise<void> {
    await inTransaction(catalog, { durability: "lazy" }, async (transaction) => {
      const first = await createFixtures(transaction).image(container.id, 99);
      await sql`
        with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < ${count})
        insert into images (id, container_id, hash, description, size, uploaded, blob_digest,
          fingerprints, custom_data, created_by, created_at)
        select printf('%024x', n), container_id, printf('sha256.%064x', n + 100), '', 1, 1,
          (select min(digest) from blobs), '[]', '', 'alice', 1
        from numbers, images where images.id = ${first.id}`.execute(sqlOf(transaction));
    });
  }
});
