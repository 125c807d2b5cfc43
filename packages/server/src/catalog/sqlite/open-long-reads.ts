import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  Kysely,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";

import { catalogOver } from "../catalog.js";
import type { LongReads } from "../long-reads.js";
import type { CatalogSchema } from "../schema.js";
import { toLibraryFault } from "./faults.js";
import { createReaderQueue } from "./reader-queue.js";
import { type ReaderThread, createReaderThread } from "./reader-thread.js";

/** Long reads of the SQLite catalog at `path`, in a thread with a read-only connection of its own. */
export function openLongReads(path: string): LongReads {
  const thread = createReaderThread(path);
  const queue = createReaderQueue();
  const db = new Kysely<CatalogSchema>({ dialect: createReaderDialect(thread) });
  const reader = catalogOver(db, async () => {});
  return {
    run: (work, isAbandoned) => queue.run(() => work(reader), isAbandoned),
    async close() {
      queue.close();
      await thread.close();
      await db.destroy();
    },
  };
}

function createReaderDialect(thread: ReaderThread): Dialect {
  const connection: DatabaseConnection = {
    executeQuery: (query) => readRows(thread, query),
    streamQuery: () => {
      throw new Error("long reads are not streamed");
    },
  };
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => ({
      init: async () => {},
      acquireConnection: async () => connection,
      releaseConnection: async () => {},
      beginTransaction: () => refuse(),
      commitTransaction: () => refuse(),
      rollbackTransaction: () => refuse(),
      destroy: async () => {},
    }),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

async function readRows<Row>(thread: ReaderThread, { sql, parameters }: CompiledQuery) {
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as every Kysely driver does: the query's type says what its rows are
    return { rows: (await thread.query(sql, parameters)) as Row[] };
  } catch (error) {
    throw toLibraryFault(error);
  }
}

async function refuse(): Promise<never> {
  throw new Error("a long read cannot write");
}
