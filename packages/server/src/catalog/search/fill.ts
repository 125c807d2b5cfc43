import { sql } from "kysely";

import { type Catalog, inTransaction } from "../catalog.js";
import { allRows, changeRows, firstRow, prepare } from "../session/prepared.js";
import { sqlOf } from "../sql.js";
import { type DocumentSource, readDocumentSources } from "./document-sources.js";
import { type Undocumented, addOldDocuments, documentNumbers } from "./documents.js";
import type { SearchKind } from "./search-text.js";

/** Things that are given documents in one transaction. */
export const FILL_BATCH = 50;

/** A catalog with at most this many things is filled while it is opened, in a few seconds. */
const MAX_FILLED_AT_ONCE = 10_000;

const PENDING = prepare((db) => db.selectFrom("search_fill").select("before_id"));

const ADVANCE = prepare((db, { id }: { id: string }) =>
  db.updateTable("search_fill").set({ before_id: id }),
);

/**
 * Gives documents to the newest things of an older release that have none yet. Each call is one
 * transaction; the catalog remembers how far it came. Any number of processes may call it.
 *
 * @returns Whether there is more to do.
 */
export async function fillSearch(catalog: Catalog, batch = FILL_BATCH): Promise<boolean> {
  if ((await firstRow(catalog, PENDING, {})) === undefined) return false;
  return inTransaction(catalog, { durability: "lazy" }, async (transaction) => {
    const pending = await firstRow(transaction, PENDING, {});
    if (pending === undefined) return false;
    const things = await newestBefore(transaction, { id: pending.before_id, limit: batch });
    await addOldDocuments(transaction, await undocumented(transaction, things));
    const last = things.at(-1);
    if (last === undefined) await sqlOf(transaction).deleteFrom("search_fill").execute();
    else await changeRows(transaction, ADVANCE, { id: last.id });
    return last !== undefined;
  });
}

/** Gives documents to all things of an older release, if there are at most 10 000. */
export async function fillSmallSearch(catalog: Catalog): Promise<void> {
  const pending = await firstRow(catalog, PENDING, {});
  if (pending === undefined) return;
  const limit = MAX_FILLED_AT_ONCE + 1;
  const things = await newestBefore(catalog, { id: pending.before_id, limit });
  if (things.length === limit) return;
  while (await fillSearch(catalog, 1000)) {
    // Until all have one.
  }
}

interface Thing {
  readonly kind: SearchKind;
  readonly id: string;
}

const NEWEST = prepare((db, { id, limit }: { id: string; limit: number }) => ({
  compile: () =>
    sql<Thing>`
      select 'entity' as kind, id from entities where id < ${id}
      union all select 'collection', id from collections where id < ${id}
      union all select 'container', id from containers where id < ${id}
      union all select 'image', id from images where id < ${id} and uploaded = 1
      order by id desc limit ${limit}`.compile(db),
}));

/** The newest things with an id below `id`, newest first. Ids begin with the time of creation. */
function newestBefore(
  catalog: Catalog,
  before: { readonly id: string; readonly limit: number },
): Promise<readonly Thing[]> {
  return allRows(catalog, NEWEST, before);
}

/** Those of the things that have no document, oldest first. */
async function undocumented(catalog: Catalog, things: readonly Thing[]): Promise<Undocumented[]> {
  const known = await documentNumbers(
    catalog,
    things.map(({ id }) => id),
  );
  const missing = things.filter(({ id }) => !known.has(id));
  const sources = new Map<string, DocumentSource>();
  for (const kind of new Set(missing.map((thing) => thing.kind))) {
    const ids = missing.filter((thing) => thing.kind === kind).map(({ id }) => id);
    for (const source of await readDocumentSources(catalog, kind, ids)) {
      sources.set(source.id, source);
    }
  }
  return missing.toReversed().flatMap(({ kind, id }) => {
    const source = sources.get(id);
    return source === undefined ? [] : [{ kind, source }];
  });
}
