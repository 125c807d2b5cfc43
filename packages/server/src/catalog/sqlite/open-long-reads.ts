import type { QueryResult } from "kysely";

import { catalogOver } from "../catalog.js";
import type { LongReads } from "../session/long-reads.js";
import type { Session } from "../session/adapter.js";
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

/** Long reads of the SQLite catalog at `path`, in a thread with a read-only connection of its own. */
export function openLongReads(path: string): LongReads {
  const thread = createReaderThread(path);
  const queue = createReaderQueue();
  const reader = catalogOver({
    session: createReaderSession(thread),
    begin: refuse,
    isConflict: () => false,
    toOpeningError: (error) => error,
    close: async () => {},
  });
  return {
    run: (work, isAbandoned) => queue.run(() => work(reader), isAbandoned),
    async close() {
      queue.close();
      await thread.close();
    },
  };
}

function createReaderSession(thread: ReaderThread): Session {
  const read = async (
    sql: string,
    parameters: readonly unknown[],
  ): Promise<QueryResult<unknown>> => {
    try {
      return { rows: await thread.query(sql, parameters) };
    } catch (error) {
      throw toLibraryFault(error);
    }
  };
  const db = createBuilder(read);
  const texts = new Map<object, PreparedText>();
  const rows = async <V extends Values, Row>(query: PreparedQuery<V, Row>, values: V) => {
    const text = texts.get(query) ?? compilePrepared(query, db, SQLITE_WORDS);
    texts.set(query, text);
    const { sql, bind } = text;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the builder's types say which rows a query returns
    return (await read(sql, bind(values))).rows as Row[];
  };
  return {
    db,
    isTransaction: false,
    rows,
    first: async (query, values) => (await rows(query, values))[0],
    change: refuse,
  };
}

async function refuse(): Promise<never> {
  throw new Error("a long read cannot write");
}
