import type { LongReads, Session } from "../session/adapter.js";
import {
  type PreparedQuery,
  type PreparedText,
  type Values,
  compilePrepared,
} from "../session/prepared.js";
import { createBuilder } from "./builder.js";
import { toLibraryFault } from "./faults.js";
import { createReaderQueue } from "./reader-queue.js";
import { type ReaderThread, createReaderThread } from "./reader-thread.js";
import { SQLITE_WORDS } from "./words.js";

/** Long reads of a SQLite file. */
export interface SqliteLongReads extends LongReads {
  /** Ends the reads that run and those that wait with the Fault `unavailable`. */
  close(): Promise<void>;
}

/** Long reads of the SQLite file at `path`, in a thread with a read-only connection of its own. */
export function openLongReads(path: string): SqliteLongReads {
  const thread = createReaderThread(path);
  const queue = createReaderQueue();
  const session = createReaderSession(thread);
  return {
    run: (work, isAbandoned) => queue.run(() => work(session), isAbandoned),
    async close() {
      queue.close();
      await thread.close();
    },
  };
}

/** A session whose queries run in the thread. */
function createReaderSession(thread: ReaderThread): Session {
  const read = async (text: string, parameters: readonly unknown[]) => {
    try {
      return await thread.query(text, parameters);
    } catch (error) {
      throw toLibraryFault(error);
    }
  };
  const db = createBuilder(async (text, parameters) => ({ rows: await read(text, parameters) }));
  const known = new Map<object, PreparedText>();
  const readPrepared = <V extends Values, Row>(query: PreparedQuery<V, Row>, values: V) => {
    const prepared = known.get(query) ?? compilePrepared(query, db, SQLITE_WORDS);
    known.set(query, prepared);
    return read(prepared.sql, prepared.bind(values));
  };
  return {
    db,
    isTransaction: false,
    /* oxlint-disable typescript/no-unsafe-type-assertion -- the builder types its rows */
    rows: async <V extends Values, Row>(query: PreparedQuery<V, Row>, values: V) =>
      (await readPrepared(query, values)) as Row[],
    first: async <V extends Values, Row>(query: PreparedQuery<V, Row>, values: V) =>
      (await readPrepared(query, values))[0] as Row | undefined,
    /* oxlint-enable typescript/no-unsafe-type-assertion */
    change: async () => {
      throw new Error("a long read cannot write");
    },
  };
}
