import type Database from "better-sqlite3";

import { type Statement, prepareStatement } from "./statement.js";

/** Prepares statements of one connection, and keeps them. */
export interface StatementCache {
  prepare(text: string): Statement;
}

// There are about a hundred different statements; the rest of the room is for lists of different
// lengths.
const MAX_STATEMENTS = 256;

/**
 * Keeps the statements of a connection for their next use: preparing one costs more than running
 * it. Of more than 256 the least recently used is dropped.
 */
export function createStatementCache(database: Database.Database): StatementCache {
  const statements = new Map<string, Statement>();
  return {
    prepare(text) {
      const statement = statements.get(text) ?? prepareStatement(database, text);
      statements.delete(text);
      statements.set(text, statement);
      const oldest = statements.keys().next().value;
      if (statements.size > MAX_STATEMENTS && oldest !== undefined) statements.delete(oldest);
      return statement;
    },
  };
}
