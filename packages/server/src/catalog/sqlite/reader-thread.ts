import { Worker } from "node:worker_threads";

import Database from "better-sqlite3";

import { Fault } from "../../faults/fault.js";
import type { ReaderData, ReaderQuery, ReaderResult } from "./reader.worker.js";

/** A thread that reads a catalog file over a connection of its own. */
export interface ReaderThread {
  /**
   * Runs a query, after those that were asked for before, and returns its rows.
   *
   * @throws SqliteError what SQLite reports; Fault `unavailable` if the thread ends before.
   */
  query(sql: string, parameters: readonly unknown[]): Promise<unknown[]>;
  /** Ends the thread. Queries asked for afterwards fail. */
  close(): Promise<void>;
}

interface Waiting {
  readonly resolve: (rows: unknown[]) => void;
  readonly reject: (error: unknown) => void;
}

interface RunningThread {
  readonly worker: Worker;
  readonly waiting: Map<number, Waiting>;
}

/**
 * A reader of the SQLite catalog at `path`. Its thread starts with the first query. If it dies, for
 * want of memory say, the queries that it had fail and the next one starts another.
 */
export function createReaderThread(path: string): ReaderThread {
  let running: RunningThread | undefined;
  let isClosed = false;
  let lastId = 0;

  const start = (): RunningThread => {
    const thread = startThread({ path }, () => {
      if (running === thread) running = undefined;
    });
    return thread;
  };

  return {
    query: (sql, parameters) =>
      new Promise((resolve, reject) => {
        if (isClosed) throw ended();
        running ??= start();
        const { worker, waiting } = running;
        const query: ReaderQuery = { id: ++lastId, sql, parameters };
        waiting.set(query.id, { resolve, reject });
        worker.ref();
        worker.postMessage(query, []);
      }),
    async close() {
      isClosed = true;
      await running?.worker.terminate();
    },
  };
}

function startThread(workerData: ReaderData, onEnd: () => void): RunningThread {
  const waiting = new Map<number, Waiting>();
  const end = (error: unknown) => {
    onEnd();
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  // Without the flags of this process, such as --input-type, which are not meant for the thread.
  const worker = new Worker(new URL("./reader.worker.js", import.meta.url), {
    execArgv: [],
    workerData,
  });
  worker.unref();
  worker.on("message", ({ id, rows, error }: ReaderResult) => {
    const query = waiting.get(id);
    waiting.delete(id);
    // An idle thread does not keep the process alive.
    if (waiting.size === 0) worker.unref();
    if (error === undefined) query?.resolve(rows ?? []);
    else query?.reject(toError(error));
  });
  worker.on("error", (cause) => end(ended(cause)));
  worker.on("exit", () => end(ended()));
  return { worker, waiting };
}

// Errors lose their class and code on the way between threads.
function toError({ message, code }: NonNullable<ReaderResult["error"]>): Error {
  return code === undefined ? new Error(message) : new Database.SqliteError(message, code);
}

function ended(cause?: unknown): Fault {
  return new Fault("unavailable", "the library's catalog cannot be searched now; try again", {
    cause,
  });
}
