import type Database from "better-sqlite3";

/** A prepared statement that takes its values by position. */
export interface Statement {
  /** It changes nothing. */
  readonly readonly: boolean;
  /** It returns rows. */
  readonly reader: boolean;
  all(...parameters: unknown[]): unknown[];
  get(...parameters: unknown[]): unknown;
  run(...parameters: unknown[]): Database.RunResult;
}

/**
 * Prepares a statement. Its rows are made here from bare values: better-sqlite3 sets each field
 * through V8's API, which can cost as much as the query.
 */
export function prepareStatement(database: Database.Database, text: string): Statement {
  const statement = database.prepare<unknown[], unknown[]>(text);
  if (!statement.reader) return statement;
  statement.raw(true);
  let names = namesOf(statement);
  const rowOf = (values: readonly unknown[]) => {
    // Another process has added a column to a table of which all are selected.
    if (values.length !== names.length) names = namesOf(statement);
    const row: Record<string, unknown> = {};
    let index = 0;
    for (const name of names) row[name] = values[index++];
    return row;
  };
  return {
    readonly: statement.readonly,
    reader: true,
    all: (...parameters) => statement.all(...parameters).map(rowOf),
    get: (...parameters) => {
      const values = statement.get(...parameters);
      return values && rowOf(values);
    },
    run: (...parameters) => statement.run(...parameters),
  };
}

function namesOf(statement: Database.Statement<unknown[], unknown[]>): string[] {
  return statement.columns().map(({ name }) => name);
}
