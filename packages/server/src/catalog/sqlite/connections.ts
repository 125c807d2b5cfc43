import Database from "better-sqlite3";

import { createPrivateFile } from "../../data-folder/create-private-file.js";
import { retryWhileBusy } from "./busy.js";
import { type StatementCache, createStatementCache } from "./statement-cache.js";

/** One connection to the database. */
export interface Connection {
  readonly database: Database.Database;
  readonly statements: StatementCache;
}

/** The connections of the main thread. */
export interface Connections {
  /** The only one that writes. */
  readonly writer: Connection;
  /**
   * Reads the last committed state, also during a transaction of the writer; the writer itself in
   * memory.
   */
  readonly reader: Connection;
  close(): void;
}

/** How to open the database. */
export interface ConnectionOptions {
  /** Path of the file, or `:memory:`. */
  readonly path: string;
  /** When to stop waiting for locks of other processes, on the clock of `performance.now()`. */
  readonly deadlineMs: number;
  /** Gets the text of every statement that runs. */
  readonly trace?: ((sql: string) => void) | undefined;
}

/** The name that stands for a database in memory, which no second connection can open. */
export const MEMORY = ":memory:";

/** Memory for pages, in KiB, for each connection. */
const CACHE_KIB = 16 * 1024;

/**
 * Opens a database, which is created (0600) if there is none.
 *
 * @throws Database.SqliteError, errors of the file system, or Fault `unavailable` at the deadline.
 */
export async function openConnections(options: ConnectionOptions): Promise<Connections> {
  const { path, deadlineMs } = options;
  const opened: Database.Database[] = [];
  const open = async (configure: (database: Database.Database) => void, readonly = false) => {
    const database = openDatabase(options, readonly);
    opened.push(database);
    await retryWhileBusy(() => configure(database), deadlineMs);
    return { database, statements: createStatementCache(database) };
  };
  // The last to close tidies up, which a connection that only reads cannot: the writer.
  const close = () => opened.toReversed().forEach((database) => database.close());
  try {
    if (path !== MEMORY) createPrivateFile(path);
    const writer = await open(configureWriter);
    const reader = path === MEMORY ? writer : await open(configureReader, true);
    return { writer, reader, close };
  } catch (error) {
    close();
    throw error;
  }
}

function openDatabase({ path, trace }: ConnectionOptions, readonly: boolean): Database.Database {
  // A timeout makes SQLite sleep in our thread. We wait ourselves (busy.ts).
  const verbose = trace && ((sql: unknown) => trace(String(sql)));
  const database = new Database(path, { timeout: 0, readonly, ...(verbose && { verbose }) });
  // SQLite's own knows ASCII only.
  database.function("lower", { deterministic: true }, (text: unknown) =>
    typeof text === "string" ? text.toLowerCase() : text,
  );
  return database;
}

function configureWriter(database: Database.Database): void {
  database.pragma("journal_mode = WAL");
  // With NORMAL a power failure may lose commits that were reported as done.
  database.pragma("synchronous = FULL");
  database.pragma("foreign_keys = ON");
  database.pragma(`cache_size = -${CACHE_KIB}`);
}

function configureReader(database: Database.Database): void {
  database.pragma(`cache_size = -${CACHE_KIB}`);
  // Opens the log of writes, for which it may have to wait.
  database.prepare("select 1 from sqlite_master").get();
}
