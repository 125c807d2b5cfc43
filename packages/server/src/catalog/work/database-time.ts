import { type Expression, sql } from "kysely";

/**
 * The time in milliseconds since 1970 by the database's clock, which all processes that share a
 * catalog agree on. With `nowMs`, that time: tests set the clock so.
 */
export function databaseTime(nowMs: number | undefined): Expression<number> {
  if (nowMs !== undefined) return sql<number>`${nowMs}`;
  return sql<number>`cast(unixepoch('subsec') * 1000 as integer)`;
}

/** The time `ms` milliseconds after {@link databaseTime}. */
export function databaseTimeAfter(nowMs: number | undefined, ms: number): Expression<number> {
  return sql<number>`${databaseTime(nowMs)} + ${ms}`;
}
