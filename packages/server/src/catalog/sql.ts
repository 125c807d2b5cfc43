import type { Kysely } from "kysely";

import type { Catalog } from "./catalog.js";
import type { CatalogSchema } from "./schema.js";

/** The query builder over the catalog's tables. Only this folder sees it. */
export type Db = Kysely<CatalogSchema>;

/** The property of a catalog that holds its query builder. Only this folder uses it. */
export const SQL: unique symbol = Symbol("sql");

/** The query builder of a catalog or transaction. */
export function sqlOf(catalog: Catalog): Db {
  return catalog[SQL];
}
