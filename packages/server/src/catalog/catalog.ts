import type { Kysely, Transaction } from "kysely";

import type { CatalogSchema } from "./schema.js";

/**
 * The catalog: what every query function takes first. A transaction is one too, so queries compose inside
 * {@link inTransaction}. Closed with `destroy()`.
 */
export type Db = Kysely<CatalogSchema>;

/**
 * Runs `work` in one write transaction: all of it is kept, or, when it throws, nothing. Inside another transaction it joins that.
 *
 * Inside, use only the handle that `work` gets: with SQLite the outer one waits for the transaction to end, for ever. Do nothing
 * slow inside (no files, no sockets), as it holds up every other use of the catalog.
 */
export async function inTransaction<T>(db: Db, work: (transaction: Db) => Promise<T>): Promise<T> {
  if (db.isTransaction) return work(db);
  return db.transaction().execute((transaction: Transaction<CatalogSchema>) => work(transaction));
}
