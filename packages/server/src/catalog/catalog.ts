import type { Transaction } from "kysely";

import type { LONG_READS, LongReads } from "./long-reads.js";
import type { CatalogSchema } from "./schema.js";
import { writeChanges } from "./search/changes.js";
import { type Db, SQL, sqlOf } from "./sql.js";

/**
 * The catalog: metadata of everything the server keeps. Every query function takes it first. A
 * transaction is a catalog too, so queries compose inside {@link inTransaction}.
 */
export interface Catalog {
  /** The query builder, for the files of this folder only. */
  readonly [SQL]: Db;
  /** The place for reads that may take long, for the files of this folder only. */
  readonly [LONG_READS]?: LongReads;
  /** Releases the database. Calls made afterwards fail. */
  close(): Promise<void>;
}

/** The rows that a transaction decides on. */
export interface RowsToLock {
  readonly entity?: string | undefined;
  readonly container?: string | undefined;
  readonly image?: string | undefined;
  readonly upload?: string | undefined;
}

/** How a transaction runs. */
export interface TransactionOptions {
  /**
   * Ids of the rows that the transaction decides on. They are locked first, always in the order
   * entity, container, image, upload, so that two transactions never wait for each other in a
   * circle. SQLite has one writer at a time and needs no row locks.
   */
  readonly locks?: RowsToLock;
  /**
   * `full` (default): the transaction is on disk when it returns. `lazy`: a power failure soon after
   * may undo it; the end of the process does not. Lazy spares the wait for the disk.
   */
  readonly durability?: "full" | "lazy";
}

/** Wraps a database as a catalog. `close` releases what the adapter opened. */
export function catalogOver(db: Db, close: () => Promise<void>): Catalog {
  return { [SQL]: db, close };
}

/**
 * Runs `work` in one write transaction: all of it is kept or, if it throws, none. Inside another
 * transaction it joins that one.
 *
 * Inside, use only the handle that `work` gets: with SQLite the outer one waits for the transaction
 * to end, forever. Do nothing slow inside (no files, no sockets): it holds up every other writer.
 */
export async function inTransaction<T>(
  catalog: Catalog,
  options: TransactionOptions,
  work: (transaction: Catalog) => Promise<T>,
): Promise<T> {
  const db = sqlOf(catalog);
  if (db.isTransaction) return work(catalog);
  const builder = db.transaction();
  const begin = options.durability === "lazy" ? builder.setIsolationLevel(UNSYNCED) : builder;
  return begin.execute(async (transaction: Transaction<CatalogSchema>) => {
    const inside = catalogOver(transaction, catalog.close);
    const result = await work(inside);
    await writeChanges(inside);
    return result;
  });
}

/**
 * Tells an adapter that a transaction need not be synced. The query builder has no word for that,
 * and nothing else it hands to adapters means this: a transaction here never sees what others have
 * not committed.
 */
export const UNSYNCED = "read uncommitted";
