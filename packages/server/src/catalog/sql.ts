import type { Kysely } from "kysely";

import type { Session } from "./session/adapter.js";
import type { Catalog } from "./catalog.js";
import type { CatalogSchema } from "./schema.js";

/** The query builder over the catalog's tables. Only this folder sees it. */
export type Db = Kysely<CatalogSchema>;

/** The property of a catalog that holds its session. Only this folder uses it. */
export const SESSION: unique symbol = Symbol("session");

/**
 * The property of a catalog that holds where its transactions come from. Only `catalog.ts` uses it.
 */
export const SOURCE: unique symbol = Symbol("source");

/** The session of a catalog or transaction. */
export function sessionOf(catalog: Catalog): Session {
  return catalog[SESSION];
}

/**
 * The query builder of a catalog or transaction, for queries whose shape varies. Queries that
 * always have the same shape are faster when prepared (`prepared.ts`).
 */
export function sqlOf(catalog: Catalog): Db {
  return catalog[SESSION].db;
}
