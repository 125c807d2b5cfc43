import { type RawBuilder, type SqlBool, sql } from "kysely";

import { type Viewer, holdsEverywhere, ownersGranting } from "../../access/viewer.js";
import type { Db } from "../sql.js";
import { toBit } from "../stored-bit.js";
import { numbersOf } from "./document-numbers.js";
import type { SearchKind } from "./search-text.js";
import { PUBLIC_SCOPE, matchOf, privateScope } from "./tokens.js";

/** A viewer with private things in more entities than this is served without regard to scopes. */
const MAX_SCOPES = 64;

/** What to look for among the documents. */
export interface CandidateQuery {
  readonly kind: SearchKind;
  /** In the form of `searchedText`. */
  readonly text: string;
  /** The scopes that the viewer sees something in; absent: all. */
  readonly scopes: readonly number[] | undefined;
  readonly arches: readonly string[];
  readonly isSigned: boolean | undefined;
}

/** The documents that were looked at. */
export interface Candidates {
  readonly count: number;
  /** The lowest number among them; null if there are none. */
  readonly lowest: number | null;
  /**
   * The numbers of those that have the text and what else was asked for, in any order. Whether the
   * viewer may see them is open.
   */
  readonly hits: readonly number[];
}

/** Looks at documents below number `before`: the newest `limit` of them. */
export type Look = (
  db: Db,
  query: CandidateQuery,
  range: { readonly before: number; readonly limit: number },
) => Promise<Candidates>;

/** The scopes to look in for a viewer; undefined: all. */
export async function scopesOf(db: Db, viewer: Viewer): Promise<readonly number[] | undefined> {
  if (holdsEverywhere(viewer, "reader")) return undefined;
  const owners = ownersGranting(viewer, "reader");
  if (owners.length === 0) return [PUBLIC_SCOPE];
  const owned = await db
    .selectFrom("entities")
    .select("id")
    .where(isOneOf("owner_id", owners))
    .limit(MAX_SCOPES + 1)
    .execute();
  if (owned.length > MAX_SCOPES) return undefined;
  return [PUBLIC_SCOPE, ...new Set(owned.map(({ id }) => privateScope(id)))];
}

/** Looks at every document of the kind that is in one of the scopes. */
export const walk: Look = async (db, query, { before, limit }) => {
  const isInRange = sql`seq < ${before} and seq >= ${numbersOf(query.kind).first}`;
  // Each branch comes in order from an index, so that merging them ends at the limit.
  const branches = query.scopes?.map(
    (scope) => sql`select seq from search_documents where ${isInRange} and scope = ${scope}`,
  ) ?? [sql`select seq from search_documents where ${isInRange}`];
  const newest = sql`${sql.join(branches, sql` union all `)} order by seq desc limit ${limit}`;
  return examine(db, query, newest);
};

/** Looks at the documents of the kind that may have the text, by what the index says. */
export const lookUp: Look = async (db, query, { before, limit }) => {
  const match = matchOf(query);
  if (match === undefined) return walk(db, query, { before, limit });
  const newest = sql`
    select rowid as seq from search_index
    where search_index match ${match} and rowid < ${before} order by rowid desc limit ${limit}`;
  return examine(db, query, newest);
};

async function examine(
  db: Db,
  query: CandidateQuery,
  numbers: RawBuilder<unknown>,
): Promise<Candidates> {
  // One row, because rows travel between threads. Cross joins keep their order: the numbers first.
  const { rows } = await sql<{ count: number; lowest: number | null; hits: string }>`
    select count(*) as count, min(documents.seq) as lowest,
      json_group_array(documents.seq)
        filter (where ${hasText(query.text)} and ${passesFilters(query)}) as hits
    from (${numbers}) as numbers cross join search_documents as documents
    where documents.seq = numbers.seq`.execute(db);
  const [row] = rows;
  if (row === undefined) return { count: 0, lowest: null, hits: [] };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- made by the query above
  return { ...row, hits: JSON.parse(row.hits) as number[] };
}

/** Condition: the column has one of these values. The same statement serves any number of them. */
export function isOneOf(column: string, values: readonly (string | number)[]): RawBuilder<SqlBool> {
  return sql<SqlBool>`${sql.ref(column)} in (select value from json_each(${JSON.stringify(values)}))`;
}

/** Condition on `documents`: it has the text. */
export function hasText(text: string): RawBuilder<SqlBool> {
  return sql<SqlBool>`(instr(documents.text, ${text}) > 0)`;
}

/** Condition on `documents`: it is signed, or not, and of one of the arches, as was asked for. */
export function passesFilters({
  arches,
  isSigned,
}: Pick<CandidateQuery, "arches" | "isSigned">): RawBuilder<SqlBool> {
  const conditions = [sql<SqlBool>`1 = 1`];
  if (isSigned !== undefined) conditions.push(sql`documents.signed = ${toBit(isSigned)}`);
  if (arches.length > 0) {
    const isOf = arches.map((arch) => sql`instr(documents.arch, ${` ${arch} `}) > 0`);
    conditions.push(sql<SqlBool>`(${sql.join(isOf, sql` or `)})`);
  }
  return sql<SqlBool>`(${sql.join(conditions, sql` and `)})`;
}

/** Condition on `documents`: it is in one of the scopes. */
export function isInScopes(scopes: CandidateQuery["scopes"]): RawBuilder<SqlBool> {
  return scopes === undefined ? sql<SqlBool>`1 = 1` : isOneOf("documents.scope", scopes);
}
