import type { CatalogAdapter, Session } from "../adapter.js";
import { catalogOver } from "../catalog.js";
import type { LongReads } from "../long-reads.js";
import {
  type PreparedQuery,
  type PreparedText,
  type Values,
  compilePrepared,
} from "../prepared.js";
import { createBuilder } from "./builder.js";
import { toLibraryFault } from "./faults.js";
import { createReaderQueue } from "./reader-queue.js";
import { type ReaderThread, createReaderThread } from "./reader-thread.js";
import { SQLITE_WORDS } from "./words.js";

/** Long reads of the SQLite catalog at `path`, in a thread with a read-only connection of its own. */
export function openLongReads(path: string): LongReads {
  const thread = createReaderThread(path);
  const queue = createReaderQueue();
  const reader = catalogOver(createReaderAdapter(thread));
  return {
    run: (work, isAbandoned) => queue.run(() => work(reader), isAbandoned),
    async close() {
      queue.close();
      await thread.close();
    },
  };
}

function createReaderAdapter(thread: ReaderThread): CatalogAdapter {
  return {
    session: createReaderSession(thread),
    begin: refuse,
    isConflict: () => false,
    toOpeningError: (error) => error,
    openLongReads: () => undefined,
    close: async () => {},
  };
}

function createReaderSession(thread: ReaderThread): Session {
  const read = async (text: string, parameters: readonly unknown[]): Promise<unknown[]> => {
    try {
      return await thread.query(text, parameters);
    } catch (error) {
      throw toLibraryFault(error);
    }
  };
  const db = createBuilder(async (text, parameters) => ({ rows: await read(text, parameters) }));
  const known = new Map<object, PreparedText>();
  const rowsOf = <V extends Values, Row>(query: PreparedQuery<V, Row>, values: V) => {
    const prepared = known.get(query) ?? compilePrepared(query, db, SQLITE_WORDS);
    known.set(query, prepared);
    return read(prepared.sql, prepared.bind(values));
  };
  return {
    db,
    isTransaction: false,
    /* oxlint-disable typescript/no-unsafe-type-assertion -- the builder's types say which rows a query returns */
    async rows<V extends Values, Row>(query: PreparedQuery<V, Row>, values: V) {
      return (await rowsOf(query, values)) as Row[];
    },
    async first<V extends Values, Row>(query: PreparedQuery<V, Row>, values: V) {
      return (await rowsOf(query, values))[0] as Row | undefined;
    },
    /* oxlint-enable typescript/no-unsafe-type-assertion */
    change: refuse,
  };
}

async function refuse(): Promise<never> {
  throw new Error("a long read cannot write");
}
