import { parentPort, workerData } from "node:worker_threads";

import Database from "better-sqlite3";

import { createStatementCache } from "./statement-cache.js";

/** What this thread is started with. */
export interface ReaderData {
  readonly path: string;
}

/** A query to run. */
export interface ReaderQuery {
  readonly id: number;
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

/** The outcome of a query: its rows, or why it failed. */
export interface ReaderResult {
  readonly id: number;
  readonly rows?: unknown[];
  readonly error?: { readonly message: string; readonly code?: string | undefined };
}

/** Memory for pages of the catalog, in KiB. */
const CACHE_KIB = 64 * 1024;

/** How much of the catalog is mapped into memory, in bytes. */
const MAPPED_BYTES = 4 * 1024 ** 3;

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- set by reader-thread.ts
const { path } = workerData as ReaderData;
const database = new Database(path, { readonly: true, fileMustExist: true });
database.pragma(`cache_size = -${CACHE_KIB}`);
database.pragma(`mmap_size = ${MAPPED_BYTES}`);
const statements = createStatementCache(database);

function run({ id, sql, parameters }: ReaderQuery): ReaderResult {
  try {
    return { id, rows: statements.prepare(sql).all(...parameters) };
  } catch (error) {
    if (!(error instanceof Error)) return { id, error: { message: String(error) } };
    const code = error instanceof Database.SqliteError ? error.code : undefined;
    return { id, error: { message: error.message, code } };
  }
}

parentPort?.on("message", (query: ReaderQuery) => parentPort?.postMessage(run(query), []));
