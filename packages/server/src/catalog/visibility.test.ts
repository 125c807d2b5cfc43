import { assert, asyncProperty, constantFrom, dictionary, option, record } from "fast-check";
import type { RawBuilder, SqlBool } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { MAY_CHANGE, MAY_SEE, type Owned, type Rule, allows } from "../access/rule.js";
import type { Role, Viewer } from "../access/viewer.js";
import type { Catalog } from "./catalog.js";
import { listCollectionContents } from "./collections.js";
import { listEntityContents } from "./entities.js";
import { createFixtures } from "./fixtures.contract.js";
import { openCatalog } from "./open/open-catalog.js";
import { allRows, prepare } from "./session/prepared.js";
import type { SqlWords } from "./session/adapter.js";
import { type Db, sqlOf } from "./sql.js";
import {
  COLLECTION_ROW,
  CONTAINER_ROW,
  type ViewerValues,
  anyViewer,
  conditionOf,
  knownViewer,
  viewerValues,
} from "./visibility.js";

const OWNERS = ["alice", "bob", "carol"];
const PRIVACIES = [false, true];

/** Every combination of owner, private collection and private container, each once. */
const CASES = OWNERS.flatMap((owner) =>
  PRIVACIES.flatMap((collection) =>
    PRIVACIES.map((container) => ({ owner, collection, container })),
  ),
);

interface Row extends Owned {
  readonly id: string;
}

const selectRows = (db: Db, table: "collections" | "containers", condition: RawBuilder<SqlBool>) =>
  db
    .selectFrom("containers")
    .innerJoin("collections", "collections.id", "containers.collection_id")
    .innerJoin("entities", "entities.id", "collections.entity_id")
    .select(`${table}.id`)
    .where(condition);

const preparedFor = (rule: Rule, table: "collections" | "containers") =>
  prepare((db, values: ViewerValues, words: SqlWords) =>
    selectRows(db, table, conditionOf(rule, anyViewer(values, words), ROWS[table])),
  );

const ROWS = { collections: COLLECTION_ROW, containers: CONTAINER_ROW };
const RULES = [
  ["MAY_SEE", MAY_SEE],
  ["MAY_CHANGE", MAY_CHANGE],
] as const;
const PREPARED = new Map(
  RULES.map(([, rule]) => [
    rule,
    { collections: preparedFor(rule, "collections"), containers: preparedFor(rule, "containers") },
  ]),
);

describe("conditionOf", () => {
  let catalog: Catalog;
  const rows: Record<"collections" | "containers", Row[]> = { collections: [], containers: [] };
  let entityIds: string[];
  let ownerIds: ReadonlyMap<string, string>;

  beforeAll(async () => {
    catalog = await openCatalog({ kind: "sqlite", path: ":memory:" });
    const make = createFixtures(catalog);
    const users = new Map<string, Awaited<ReturnType<typeof make.user>>>();
    for (const name of OWNERS) users.set(name, await make.user(name));
    const entities = new Set<string>();
    for (const { owner, collection, container } of CASES) {
      const path = `${owner}/${collection ? "hidden" : "shown"}/${container ? "hidden" : "shown"}`;
      const made = await make.container(users.get(owner)!, path, { collection, container });
      entities.add(made.entityId);
      const { ownerId } = made;
      rows.containers.push({ id: made.id, ownerId, isPrivate: collection || container });
      rows.collections.push({ id: made.collectionId, ownerId, isPrivate: collection });
    }
    entityIds = [...entities];
    ownerIds = new Map([...users].map(([name, { id }]) => [name, id]));
  });
  afterAll(() => catalog.close());

  const role = constantFrom<Role>("reader", "writer");
  // Some grants are on the records of owners who have none here.
  const viewers = record({
    everywhere: option(role, { freq: 3 }),
    grants: dictionary(constantFrom(...OWNERS, "dave", "' or 1=1 --"), role, { maxKeys: 5 }),
  }).map(({ everywhere, grants }): Viewer => {
    const byId = Object.entries(grants).map(
      ([name, granted]) => [ownerIds.get(name) ?? name, granted] as const,
    );
    return { everywhere, grants: new Map(byId) };
  });
  const tables = constantFrom<"collections" | "containers">("collections", "containers");

  const idsOf = (found: readonly { readonly id: string }[]) =>
    [...new Set(found.map(({ id }) => id))].toSorted();

  describe.each(RULES)("of %s", (_, rule) => {
    it("selects in a query the rows that the rule allows in memory", async () => {
      await assert(
        asyncProperty(viewers, tables, async (viewer, table) => {
          const allowed = idsOf(rows[table].filter((row) => allows(rule, viewer, row)));

          const known = conditionOf(rule, knownViewer(viewer), ROWS[table]);
          expect(idsOf(await selectRows(sqlOf(catalog), table, known).execute())).toEqual(allowed);
          const prepared = PREPARED.get(rule)![table];
          expect(idsOf(await allRows(catalog, prepared, viewerValues(viewer)))).toEqual(allowed);
        }),
        { numRuns: 300 },
      );
    });
  });

  it("decides what is listed of entities and collections", async () => {
    await assert(
      asyncProperty(viewers, async (viewer) => {
        const seen = (table: "collections" | "containers") =>
          idsOf(rows[table].filter((row) => allows(MAY_SEE, viewer, row)));
        const entities = await listEntityContents(catalog, entityIds, viewer);
        const listed = [...entities.values()].flatMap(({ collectionIds }) => collectionIds);
        expect(listed.toSorted()).toEqual(seen("collections"));
        const collectionIds = idsOf(rows.collections);
        const collections = await listCollectionContents(catalog, collectionIds, viewer);
        const containers = [...collections.values()].flatMap(({ containerIds }) => containerIds);
        expect(containers.toSorted()).toEqual(seen("containers"));
      }),
      { numRuns: 100 },
    );
  });
});
