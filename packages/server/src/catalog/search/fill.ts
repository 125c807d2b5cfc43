import { sql } from "kysely";

import { type Catalog, inTransaction } from "../catalog.js";
import { type Db, sqlOf } from "../sql.js";
import { type DocumentSource, readDocumentSources } from "./document-sources.js";
import { addOldDocuments, documentNumbers } from "./documents.js";
import type { SearchKind } from "./search-text.js";

/** Things that are given documents in one transaction. */
export const FILL_BATCH = 50;

/** A catalog with at most this many things is filled while it is opened, in a few seconds. */
const MAX_FILLED_AT_ONCE = 10_000;

/**
 * Gives documents to the newest things of an older release that have none yet. Each call is one
 * transaction; the catalog remembers how far it came. Any number of processes may call it.
 *
 * @returns Whether there is more to do.
 */
export function fillSearch(catalog: Catalog, batch = FILL_BATCH): Promise<boolean> {
  return inTransaction(catalog, { durability: "lazy" }, async (transaction) => {
    const db = sqlOf(transaction);
    const pending = await db.selectFrom("search_fill").select("before_id").executeTakeFirst();
    if (pending === undefined) return false;
    const things = await newestBefore(db, pending.before_id, batch);
    await addOldDocuments(db, await undocumentedSources(db, things));
    const last = things.at(-1);
    if (last === undefined) await db.deleteFrom("search_fill").execute();
    else await db.updateTable("search_fill").set({ before_id: last.id }).execute();
    return last !== undefined;
  });
}

/** Gives documents to all things of an older release, if there are at most 10 000. */
export async function fillSmallSearch(catalog: Catalog): Promise<void> {
  const pending = await sqlOf(catalog)
    .selectFrom("search_fill")
    .select("before_id")
    .executeTakeFirst();
  if (pending === undefined) return;
  const things = await newestBefore(sqlOf(catalog), pending.before_id, MAX_FILLED_AT_ONCE + 1);
  if (things.length > MAX_FILLED_AT_ONCE) return;
  while (await fillSearch(catalog, 1000)) {
    // Until all have one.
  }
}

interface Thing {
  readonly kind: SearchKind;
  readonly id: string;
}

/** The newest things with an id below `id`, newest first. Ids begin with the time of creation. */
async function newestBefore(db: Db, id: string, limit: number): Promise<readonly Thing[]> {
  const { rows } = await sql<Thing>`
    select 'entity' as kind, id from entities where id < ${id}
    union all select 'collection', id from collections where id < ${id}
    union all select 'container', id from containers where id < ${id}
    union all select 'image', id from images where id < ${id} and uploaded = 1
    order by id desc limit ${limit}`.execute(db);
  return rows;
}

/** What the documents of things without one are made of, oldest first. */
async function undocumentedSources(db: Db, things: readonly Thing[]) {
  const known = await documentNumbers(
    db,
    things.map(({ id }) => id),
  );
  const missing = things.filter(({ id }) => !known.has(id));
  const sources = new Map<string, DocumentSource>();
  for (const kind of new Set(missing.map((thing) => thing.kind))) {
    const ids = missing.filter((thing) => thing.kind === kind).map(({ id }) => id);
    for (const source of await readDocumentSources(db, kind, ids)) sources.set(source.id, source);
  }
  return missing.toReversed().flatMap(({ kind, id }) => {
    const source = sources.get(id);
    return source === undefined ? [] : [{ kind, source }];
  });
}
