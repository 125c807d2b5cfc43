import { MAX_DESCRIPTION_LENGTH } from "@sifshelf/protocol";
import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { ANONYMOUS } from "../access/principal.js";
import { insertBlobIfAbsent } from "../catalog/blobs.js";
import { inTransaction } from "../catalog/catalog.js";
import { findContainer, insertContainerIfAbsent } from "../catalog/containers.js";
import { NOW_MS, digestNumber } from "../catalog/fixtures.contract.js";
import { sqlOf } from "../catalog/sql.js";
import { Fault } from "../faults/fault.js";
import { type SearchRequest, search } from "./search.js";
import { type TestLibrary, createTestLibrary } from "./uploads/fixtures.contract.js";

const DIGEST = digestNumber(1);

let site: TestLibrary;

beforeEach(async () => {
  site = await createTestLibrary();
});

afterEach(() => site.close());

const find = (request: Partial<SearchRequest> = {}) =>
  search(site.library, ANONYMOUS, {
    value: "alice",
    arches: [],
    limit: 10,
    after: "",
    isAbandoned: () => false,
    ...request,
  });

describe("search", () => {
  describe("when many search at once", () => {
    it("lets other work in between two searches", async () => {
      await find();
      const order: string[] = [];
      const searches = [1, 2, 3].map((n) => find().then(() => order.push(`search ${n}`)));
      setImmediate(() => order.push("other work"));
      await Promise.all(searches);
      expect(order.slice(0, 2)).toContain("other work");
    });

    it("rejects those for whom there is no place to wait", async () => {
      const searches = Array.from({ length: 40 }, () => find().catch((error: unknown) => error));
      const outcomes = await Promise.all(searches);
      const rejected = outcomes.filter((outcome) => outcome instanceof Fault);

      expect(rejected).toHaveLength(6);
      for (const fault of rejected) expect(fault).toMatchObject({ code: "rate-limited" });
      expect((await find()).results.entity).toHaveLength(1);
    });

    it("leaves out those whose searcher has gone while they waited", async () => {
      let hasGone = false;
      const [first, second] = [find(), find({ isAbandoned: () => hasGone })];
      hasGone = true;
      await expect(second).rejects.toMatchObject({ code: "bad-request" });
      expect((await first).results.entity).toHaveLength(1);
    });
  });

  describe("when a page has ended", () => {
    it("goes on after the last result of each kind, until all were found", async () => {
      await site.imageOf(new Uint8Array(1));
      const names: string[] = [];
      let after = "";
      do {
        const page = await find({ limit: 1, after });
        const { entity, collection, container } = page.results;
        names.push(...[...entity, ...collection, ...container].map(({ name }) => name));
        expect(Math.max(entity.length, collection.length, container.length)).toBeLessThan(2);
        after = page.next;
      } while (after !== "");

      expect(names.toSorted()).toEqual(["alice", "first", "images", "second"]);
    });

    it("is at most about 2 MiB long, and all are found in the end", async () => {
      const description = '"'.repeat(MAX_DESCRIPTION_LENGTH);
      const ids = await addLargeContainers(description);
      const found: string[] = [];
      const sizes: number[] = [];
      let after = "";
      do {
        const page = await find({ value: "crowded", limit: 100, after });
        found.push(...page.results.container.map(({ id }) => id));
        sizes.push(JSON.stringify(page.results).length);
        after = page.next;
      } while (after !== "");

      expect(found.toSorted()).toEqual(ids.toSorted());
      expect(sizes.length).toBeGreaterThan(2);
      expect(Math.max(...sizes)).toBeLessThan(2.1 * 1024 * 1024);
      expect(Math.max(...sizes)).toBeGreaterThan(0.5 * 1024 * 1024);
    });
  });

  describe("when the request is not a sensible one", () => {
    it.each<[string, Partial<SearchRequest>]>([
      ["a text with NUL, at which databases end a text", { value: "ali\0zzz" }],
      ["nothing but NUL", { value: "\0\0\0" }],
      ["a private-use character, which the index uses itself", { value: "ali\u{E000}" }],
      ["half a surrogate pair", { value: "ali\uD800" }],
      ["a page of an older release", { after: Array(4).fill("f".repeat(24)).join(".") }],
      ["a page that is none", { after: "1,2,3" }],
      ["more arches than there are", { arches: Array.from({ length: 33 }, (_, n) => `a${n}`) }],
    ])("rejects %s", async (_, request) => {
      await expect(find(request)).rejects.toMatchObject({ code: "bad-request" });
    });
  });
});

/** Thirty containers with 5000 images each: about 140 kB of JSON for each. */
async function addLargeContainers(description: string): Promise<string[]> {
  const { catalog } = site.library;
  return inTransaction(catalog, { durability: "lazy" }, async (transaction) => {
    const first = await findContainer(transaction, "alice", "images", "first");
    const ids: string[] = [];
    for (let n = 0; n < 30; n++) {
      const { id } = await insertContainerIfAbsent(transaction, {
        collectionId: first!.collectionId,
        name: `crowded-${n}`,
        description,
        isPrivate: false,
        createdBy: "alice",
        nowMs: NOW_MS,
      });
      ids.push(id);
    }
    await insertBlobIfAbsent(transaction, { digest: DIGEST, sizeBytes: 1, createdAtMs: NOW_MS });
    await sql`
      with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < 5000)
      insert into images (id, container_id, hash, description, size, uploaded, blob_digest,
        fingerprints, custom_data, created_by, created_at)
      select printf('%012x', containers.rowid) || printf('%012x', n), containers.id,
        printf('sha256.%064x', n), '', 1, 1, ${DIGEST}, '[]', '', 'alice', 1
      from numbers, containers where containers.name like 'crowded%'`.execute(sqlOf(transaction));
    return ids;
  });
}
