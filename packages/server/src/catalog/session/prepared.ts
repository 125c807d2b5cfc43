import type { CompiledQuery } from "kysely";

import type { SqlWords } from "./adapter.js";
import type { Catalog } from "../catalog.js";
import { type Db, sessionOf } from "../sql.js";

/** Values of a prepared query, by the names of its parameters. */
export type Values = Readonly<Record<string, string | number | null>>;

/** A query of which only the values differ from run to run. */
export interface PreparedQuery<V extends Values, Row> {
  /** Builds it, once for each database, with placeholders in place of values. */
  readonly build: (db: Db, values: V, words: SqlWords) => Compiled<Row>;
}

interface Compiled<Row> {
  compile(): CompiledQuery<Row>;
}

/**
 * Prepares a query. Building a query and turning it into SQL takes longer than running it, so the
 * adapter does that once and keeps the prepared statement.
 *
 * ```ts
 * const BY_NAME = prepare((db, { name }: { name: string }) =>
 *   db.selectFrom("users").selectAll().where("name", "=", name));
 * const row = await firstRow(catalog, BY_NAME, { name: "alice" });
 * ```
 *
 * @param build Gets placeholders typed as the values they stand for. Pass them on to the query
 *   builder; they have no value to calculate or decide with.
 */
export function prepare<V extends Values, Row>(
  build: PreparedQuery<V, Row>["build"],
): PreparedQuery<V, Row> {
  return { build };
}

/** The rows of a prepared query. */
export function allRows<V extends Values, Row>(
  catalog: Catalog,
  query: PreparedQuery<V, Row>,
  values: V,
): Promise<Row[]> {
  return sessionOf(catalog).rows(query, values);
}

/** The first row of a prepared query; undefined if there is none. */
export function firstRow<V extends Values, Row>(
  catalog: Catalog,
  query: PreparedQuery<V, Row>,
  values: V,
): Promise<Row | undefined> {
  return sessionOf(catalog).first(query, values);
}

/** Like {@link firstRow}, of a row that must exist. */
export async function requireRow<V extends Values, Row>(
  catalog: Catalog,
  query: PreparedQuery<V, Row>,
  values: V,
): Promise<Row> {
  const row = await firstRow(catalog, query, values);
  if (row === undefined) throw new Error("the catalog has no row that must exist");
  return row;
}

/** Runs a prepared insert, update or delete; returns how many rows it changed. */
export function changeRows<V extends Values>(
  catalog: Catalog,
  query: PreparedQuery<V, unknown>,
  values: V,
): Promise<number> {
  return sessionOf(catalog).change(query, values);
}

/** A prepared query as text, and what to bind to its parameters. For adapters. */
export interface PreparedText {
  readonly sql: string;
  /** The parameters in the order of the text. */
  readonly bind: (values: Values) => unknown[];
}

/** Builds and compiles a prepared query. For adapters. */
export function compilePrepared<V extends Values, Row>(
  query: PreparedQuery<V, Row>,
  db: Db,
  words: SqlWords,
): PreparedText {
  // `build` only hands placeholders on.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const placeholders = PLACEHOLDERS as V;
  const { sql, parameters } = query.build(db, placeholders, words).compile();
  const sources = parameters.map((parameter) =>
    parameter instanceof Placeholder ? { name: parameter.name } : { constant: parameter },
  );
  return {
    sql,
    bind: (values) =>
      sources.map((source) => ("name" in source ? values[source.name] : source.constant)),
  };
}

/** Stands for the value of that name; the query builder passes it through as a parameter. */
class Placeholder {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

const PLACEHOLDERS = new Proxy({}, { get: (_, name) => new Placeholder(String(name)) });
