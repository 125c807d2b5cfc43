import { type RawBuilder, type SqlBool, sql } from "kysely";

import type { Db } from "../sql.js";
import { type CandidateQuery, isInScopes, passesFilters } from "./candidates.js";

/** Most images found by the beginning of their hash. */
const MAX_FOUND = 5000;

const HASH_PREFIX = /^(?:sha256\.)?(?<digits>[0-9a-f]{3,64})$/;

/** A range of hashes: those at or above `from` and below `to`. */
export interface HashRange {
  readonly from: string;
  readonly to: string;
}

/** The hashes that begin with a text, if it is 3 to 64 hex digits, with or without `sha256.`. */
export function hashRangeOf(text: string): HashRange | undefined {
  const digits = HASH_PREFIX.exec(text)?.groups?.digits;
  if (digits === undefined) return undefined;
  const from = `sha256.${digits}`;
  // "g" comes after every hex digit.
  return { from, to: `${from}g` };
}

/** Condition on `images`: the hash is in the range. */
export function isInHashRange({ from, to }: HashRange): RawBuilder<SqlBool> {
  return sql<SqlBool>`(images.hash >= ${from} and images.hash < ${to})`;
}

/**
 * The numbers of the documents below `before` whose image has a hash in the range, newest first. If
 * more than 5000 images have such a hash, those with the highest.
 */
export async function findByHash(
  db: Db,
  { query, range }: { readonly query: CandidateQuery; readonly range: HashRange },
  before: number,
): Promise<number[]> {
  const { rows } = await sql<{ seq: number }>`
    select documents.seq from (
      select id from images where ${isInHashRange(range)} order by hash desc, id desc
      limit ${sql.lit(MAX_FOUND)}) as found
    cross join search_documents as documents
    where documents.id = found.id and documents.seq < ${before}
      and ${passesFilters(query)} and ${isInScopes(query.scopes)}
    order by documents.seq desc`.execute(db);
  return rows.map(({ seq }) => seq);
}
