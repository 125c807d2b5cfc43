import type { CatalogAdapter, Durability, Session, TransactionSession } from "./session/adapter.js";
import { retryConflicts } from "./session/retry-conflicts.js";
import { type RowsToLock, lockRows } from "./session/row-locks.js";
import { writeChanges } from "./search/changes.js";
import { SESSION, SOURCE } from "./sql.js";

/**
 * The catalog: metadata of everything the server keeps. Every query function takes it first. A
 * transaction is a catalog too, so queries compose inside {@link inTransaction}.
 */
export interface Catalog {
  /** Runs queries; for the files of this folder only. */
  readonly [SESSION]: Session;
  /** The database, or the transaction to join; for the files of this folder only. */
  readonly [SOURCE]: CatalogAdapter | TransactionSession;
  /** Releases the database once the running transaction has ended. Later calls fail. */
  close(): Promise<void>;
}

/** How a transaction runs. */
export interface TransactionOptions {
  /**
   * The rows that the transaction decides on. They are locked before `work` runs, always in the
   * order entity, container, image, upload, blob, so that no two transactions wait for each other
   * in a circle. SQLite has one writer at a time and needs no row locks.
   */
  readonly locks?: RowsToLock;
  /**
   * `full` (default): the transaction is on disk when it returns. `lazy`: a power failure soon
   * after may undo it; the end of the process does not. Lazy spares the wait for the disk.
   */
  readonly durability?: Durability;
}

/** The catalog in an open database. */
export function catalogOver(adapter: CatalogAdapter): Catalog {
  return { [SESSION]: adapter.session, [SOURCE]: adapter, close: () => adapter.close() };
}

/**
 * Runs `work` in one write transaction: all of it is kept or, if it throws, none. Inside another
 * transaction it joins that one; name the locks of both in the outer one.
 *
 * After a conflict with another transaction `work` runs again, up to 5 times, so it must have no
 * effect but on the catalog. Inside, use only the handle that `work` gets: the outer one does not
 * see the transaction's changes, and its writes wait for the transaction to end, forever. Do
 * nothing slow inside (no files, no sockets): it holds up every other writer.
 *
 * @throws What `work` throws; Fault `unavailable` if other writers hold the catalog for too long.
 */
export async function inTransaction<T>(
  catalog: Catalog,
  options: TransactionOptions,
  work: (transaction: Catalog) => Promise<T>,
): Promise<T> {
  const source = catalog[SOURCE];
  if ("commit" in source) {
    await lockRows(source, options.locks ?? {});
    return work(catalog);
  }
  return retryConflicts(
    (error) => source.isConflict(error),
    () => runOnce(source, options, work),
  );
}

/** Keeps other processes from migrating until the transaction ends. For migrate.ts. */
export async function lockMigrations(transaction: Catalog): Promise<void> {
  const source = transaction[SOURCE];
  if (!("commit" in source)) throw new Error("migrations are locked inside a transaction");
  await source.lockMigrations();
}

async function runOnce<T>(
  adapter: CatalogAdapter,
  { locks = {}, durability = "full" }: TransactionOptions,
  work: (transaction: Catalog) => Promise<T>,
): Promise<T> {
  const session = await adapter.begin(durability);
  const handle = new TransactionHandle(session, () => adapter.close());
  try {
    await lockRows(session, locks);
    const result = await work(handle);
    await writeChanges(handle);
    await session.commit();
    return result;
  } catch (error) {
    await session.rollback();
    throw error;
  } finally {
    handle.end();
  }
}

/** A catalog for the length of a transaction. */
class TransactionHandle implements Catalog {
  readonly close: () => Promise<void>;
  #session: TransactionSession | undefined;

  constructor(session: TransactionSession, close: () => Promise<void>) {
    this.#session = session;
    this.close = close;
  }

  get [SESSION](): TransactionSession {
    if (this.#session !== undefined) return this.#session;
    throw new Error("the transaction has ended; use its handle only until `work` returns");
  }

  get [SOURCE](): TransactionSession {
    return this[SESSION];
  }

  end(): void {
    this.#session = undefined;
  }
}
