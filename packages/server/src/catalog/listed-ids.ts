import { type RawBuilder, sql } from "kysely";

import type { SqlWords } from "./session/adapter.js";

/**
 * Most ids in a list of children; the newest are kept. 10 000 ids are 270 kB of JSON, far below the
 * 4 MiB that clients read, and no client needs the list to work.
 */
export const MAX_LISTED_IDS = 10_000;

/**
 * The newest ids of a table's rows, oldest first, as a JSON array in one column.
 *
 * @param from The table and the conditions on its rows: what stands behind `from`.
 */
export function newestIds(
  words: SqlWords,
  table: "collections" | "containers" | "images",
  from: RawBuilder<unknown>,
): RawBuilder<string> {
  const newest = sql.ref("newest.id");
  const id = sql.ref(`${table}.id`);
  return sql<string>`(
    select ${words.arrayOf(newest, newest)}
    from (select ${id} from ${from} order by ${id} desc limit ${sql.lit(MAX_LISTED_IDS)}) as newest)`;
}

/** The ids in a column of {@link newestIds}. */
export function parseIds(json: string): string[] {
  const ids: unknown = JSON.parse(json);
  return Array.isArray(ids) ? ids.filter((id) => typeof id === "string") : [];
}
