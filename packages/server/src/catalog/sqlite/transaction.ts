import type Database from "better-sqlite3";

import type { Durability, Session, TransactionSession } from "../session/adapter.js";
import { retryWhileBusy } from "./busy.js";
import { toLibraryFault } from "./faults.js";

/** How to begin a transaction. */
export interface BeginOptions {
  readonly durability: Durability;
  /** When to stop waiting for other processes, on the clock of `performance.now()`. */
  readonly deadlineMs: number;
}

/**
 * Begins a transaction on the connection that writes. The caller has its turn there until the
 * transaction ends, and no SQLite transaction needs row locks: it is the only one that writes.
 *
 * @param session Runs queries on that connection.
 * @param onEnd Called once, when the transaction has ended; not if it cannot begin.
 * @throws Fault `unavailable` if other processes hold the lock until the deadline.
 */
export async function beginTransaction(
  database: Database.Database,
  session: Session,
  { durability, deadlineMs }: BeginOptions,
  onEnd: () => void,
): Promise<TransactionSession> {
  const restore = durability === "lazy" ? setLazy(database) : () => {};
  try {
    // One that starts as a reader fails at once when another process writes before it does.
    await retryWhileBusy(() => database.exec("begin immediate"), deadlineMs);
  } catch (error) {
    restore();
    throw toLibraryFault(error);
  }
  const end = () => {
    restore();
    onEnd();
  };
  return {
    ...session,
    lockRow: async () => {},
    lockMigrations: async () => {},
    async commit() {
      try {
        database.exec("commit");
      } catch (error) {
        throw toLibraryFault(error);
      }
      end();
    },
    async rollback() {
      try {
        // After some faults (disk full) SQLite has rolled back already.
        if (database.inTransaction) database.exec("rollback");
      } catch {
        // What made the caller roll back is worth more to it. SQLite rolls back when the file is
        // next opened.
      } finally {
        end();
      }
    },
  };
}

/** Lets commits return before they are on disk; returns how to end that. */
function setLazy(database: Database.Database): () => void {
  database.pragma("synchronous = NORMAL");
  return () => {
    if (database.open) database.pragma("synchronous = FULL");
  };
}
