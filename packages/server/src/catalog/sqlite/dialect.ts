import type Database from "better-sqlite3";
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  SqliteAdapter,
  SqliteDriver,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";

import { UNSYNCED } from "../catalog.js";
import { toLibraryFault } from "./faults.js";
import { createStatementCache } from "./statement-cache.js";

/** Kysely's SQLite dialect over one open database, with write transactions that wait their turn, and typed faults. */
export function createSqliteDialect(database: Database.Database): Dialect {
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => createDriver(database),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

function createDriver(database: Database.Database): Driver {
  const driver = new SqliteDriver({ database: createStatementCache(database) });
  let isUnsynced = false;
  return {
    init: () => driver.init(),
    acquireConnection: async () => withTypedFaults(await driver.acquireConnection()),
    // A transaction that starts as a reader fails at once when another process writes before it does, and no timeout helps.
    async beginTransaction(connection, { isolationLevel }) {
      isUnsynced = isolationLevel === UNSYNCED;
      if (isUnsynced) database.pragma("synchronous = NORMAL");
      await connection.executeQuery(CompiledQuery.raw("begin immediate"));
    },
    commitTransaction: (connection) => driver.commitTransaction(connection),
    // After some faults (disk full) SQLite has rolled back already; a second time would hide the cause.
    rollbackTransaction: async (connection) => {
      if (database.inTransaction) await driver.rollbackTransaction(connection);
    },
    async releaseConnection() {
      // There is one connection: nobody has used it meanwhile.
      if (isUnsynced) database.pragma("synchronous = FULL");
      isUnsynced = false;
      await driver.releaseConnection();
    },
    destroy: () => driver.destroy(),
  };
}

function withTypedFaults(connection: DatabaseConnection): DatabaseConnection {
  return {
    async executeQuery<R>(query: CompiledQuery) {
      try {
        return await connection.executeQuery<R>(query);
      } catch (error) {
        throw toLibraryFault(error);
      }
    },
    streamQuery: (query, chunkSize) => connection.streamQuery(query, chunkSize),
  };
}
