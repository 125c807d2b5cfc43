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

/**
 * Like {@link inTransaction}, but when the power fails soon after, all of it may be gone, until a transaction after it is on disk. The
 * end of the process takes nothing back. Spares a wait for the disk, in which nothing else is served.
 */
export async function inUnsyncedTransaction<T>(
  db: Db,
  work: (transaction: Db) => Promise<T>,
): Promise<T> {
  if (db.isTransaction) return work(db);
  return db
    .transaction()
    .setIsolationLevel(UNSYNCED)
    .execute((transaction: Transaction<CatalogSchema>) => work(transaction));
}

/**
 * Tells an adapter that a transaction need not be synced. The query builder has no word for that, and of what it hands to adapters this
 * says nothing else: a transaction here never sees what others have not committed.
 */
export const UNSYNCED = "read uncommitted";
