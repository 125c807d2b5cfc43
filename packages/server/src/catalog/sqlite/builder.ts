import {
  type CompiledQuery,
  type DatabaseConnection,
  Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";

import type { CatalogSchema } from "../schema.js";
import type { Db } from "../sql.js";
import type { Statement } from "./statement.js";

/** Runs one statement that the query builder made. */
export type Execute = (
  text: string,
  parameters: readonly unknown[],
) => Promise<QueryResult<unknown>>;

/** The query builder, with what it builds run by `execute`. Transactions are the adapter's. */
export function createBuilder(execute: Execute): Db {
  const connection: DatabaseConnection = {
    async executeQuery<Row>({ sql, parameters }: CompiledQuery) {
      // The builder's types say which rows a query returns.
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion
      return (await execute(sql, parameters)) as QueryResult<Row>;
    },
    streamQuery: () => {
      throw new Error("the catalog does not stream rows; ask for pages");
    },
  };
  return new Kysely<CatalogSchema>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => ({
        init: async () => {},
        acquireConnection: async () => connection,
        beginTransaction: refuse,
        commitTransaction: refuse,
        rollbackTransaction: refuse,
        releaseConnection: async () => {},
        destroy: async () => {},
      }),
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  });
}

async function refuse(): Promise<never> {
  throw new Error("use inTransaction in place of the query builder's transactions");
}

/** Runs a statement to its end. */
export function runStatement(
  statement: Statement,
  parameters: readonly unknown[],
): QueryResult<unknown> {
  if (statement.reader) return { rows: statement.all(...parameters) };
  const { changes } = statement.run(...parameters);
  return { rows: [], numAffectedRows: BigInt(changes) };
}
