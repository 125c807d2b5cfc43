import type { CatalogAdapter } from "../session/adapter.js";
import { isBusy } from "./busy.js";
import { MEMORY, openConnections } from "./connections.js";
import { toCatalogError } from "./faults.js";
import { openLongReads } from "./open-long-reads.js";
import { createInsideSession, createOutsideSession } from "./sessions.js";
import { beginTransaction } from "./transaction.js";
import { createTurns } from "./turns.js";

/** A catalog in a SQLite file. */
export interface SqliteConfig {
  readonly kind: "sqlite";
  /** Path of the file, which is created (0600) if there is none; `:memory:` keeps it in memory. */
  readonly path: string;
  /**
   * Longest wait for writes of other processes, in milliseconds; then Fault `unavailable`. Default:
   * 5000.
   */
  readonly busyTimeoutMs?: number | undefined;
  /** Gets the text of every statement that runs. For tests that count them. */
  readonly trace?: ((sql: string) => void) | undefined;
}

const BUSY_TIMEOUT_MS = 5000;

/**
 * Opens a SQLite database for the catalog. Every commit is on disk before it is reported, but for
 * lazy ones. Reads outside transactions use a connection of their own and never wait for a writer.
 * Writers of this process take turns in the order they came; against other processes they try again
 * until their time is up, and never block the event loop.
 *
 * @throws CatalogError `catalog-not-accessible` or `catalog-corrupt`.
 */
export async function openSqliteAdapter(config: SqliteConfig): Promise<CatalogAdapter> {
  const { path, trace, busyTimeoutMs = BUSY_TIMEOUT_MS } = config;
  const deadline = () => performance.now() + busyTimeoutMs;
  const toOpeningError = (error: unknown) => toCatalogError(error, path);
  const connections = await openConnections({ path, trace, deadlineMs: deadline() }).catch(
    (error: unknown) => {
      throw toOpeningError(error);
    },
  );
  const turns = createTurns();
  const inside = createInsideSession(connections);
  let closing: Promise<void> | undefined;
  // A database in memory has no second connection.
  const longReads = path === MEMORY ? undefined : openLongReads(path);
  const close = async () => {
    await longReads?.close();
    const endTurn = await turns.take();
    connections.close();
    endTurn();
  };
  return {
    session: createOutsideSession({ connections, turns, deadline }),
    longReads,
    async begin(durability) {
      const options = { durability, deadlineMs: deadline() };
      const endTurn = await turns.take();
      try {
        return await beginTransaction(connections.writer.database, inside, options, endTurn);
      } catch (error) {
        endTurn();
        throw error;
      }
    },
    // Of a lock that was waited for in vain, the cause is not SQLite's own error (busy.ts).
    isConflict: (error) => error instanceof Error && isBusy(error.cause),
    toOpeningError,
    close: () => (closing ??= close()),
  };
}
