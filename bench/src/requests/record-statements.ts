/**
 * Preloaded into a server with `node --import`: records every statement that it runs, in every
 * thread, as a line of JSON in the file that the environment names.
 */
import { appendFileSync } from "node:fs";
import { createRequire, syncBuiltinESMExports } from "node:module";
import workerThreads, { type WorkerOptions } from "node:worker_threads";

import type { Statement } from "better-sqlite3";
import type BetterSqlite from "better-sqlite3";

import { RECORD_VARIABLE } from "./recording.js";

const require = createRequire(import.meta.url);
const Database: typeof BetterSqlite = require("better-sqlite3");
const recordPath = process.env[RECORD_VARIABLE];
const METHODS = ["get", "all", "iterate", "run"] as const;

if (recordPath !== undefined) {
  // Threads do not inherit the options of the process, so each gets this preload explicitly.
  const { Worker } = workerThreads;
  workerThreads.Worker = class extends Worker {
    constructor(program: string | URL, options: WorkerOptions = {}) {
      const execArgv = [...(options.execArgv ?? []), "--import", import.meta.url];
      super(program, { ...options, execArgv });
    }
  };
  syncBuiltinESMExports();
  const prepare: unknown = Reflect.get(Database.prototype, "prepare");
  if (typeof prepare !== "function") throw new Error("better-sqlite3 cannot be recorded");
  Object.defineProperty(Database.prototype, "prepare", {
    value(this: BetterSqlite.Database, sql: string) {
      const statement: Statement = prepare.call(this, sql);
      return recorded(statement, sql, recordPath);
    },
  });
}

function recorded(statement: Statement, sql: string, path: string) {
  for (const method of METHODS) {
    const run = statement[method].bind(statement);
    Object.defineProperty(statement, method, {
      value: (...given: unknown[]) => {
        const parameters = given.flat();
        appendFileSync(path, `${JSON.stringify({ sql, parameters, method })}\n`);
        return run(...given);
      },
    });
  }
  return statement;
}
