import type Database from "better-sqlite3";
import type { SqliteDatabase, SqliteStatement } from "kysely";

// There are about a hundred different statements; the rest of the room is for lists of different lengths.
const MAX_STATEMENTS = 256;

/** The database with its statements kept for the next use: preparing one costs more than running it. */
export function createStatementCache(database: Database.Database): SqliteDatabase {
  const statements = new Map<string, SqliteStatement>();
  return {
    close() {
      statements.clear();
      database.close();
    },
    prepare(text) {
      const statement = statements.get(text) ?? database.prepare(text);
      statements.delete(text);
      statements.set(text, statement);
      const oldest = statements.keys().next().value;
      if (statements.size > MAX_STATEMENTS && oldest !== undefined) statements.delete(oldest);
      return statement;
    },
  };
}
