import type { Expression, RawBuilder } from "kysely";

import type { PreparedQuery, Values } from "./prepared.js";
import type { Db } from "../sql.js";

/** A table whose rows a transaction can lock, by primary key. */
export type LockableTable = "entities" | "containers" | "images" | "uploads" | "blobs";

/** SQL that each database spells differently. */
export interface SqlWords {
  /**
   * The elements of a JSON array of texts, as a subquery of one column: `id in ${elementsOf(ids)}`.
   */
  elementsOf(json: unknown): RawBuilder<string>;
  /**
   * Aggregates a value over rows into the text of a JSON array, in the given order; `[]` of none.
   */
  arrayOf(value: Expression<unknown>, order: Expression<unknown>): RawBuilder<string>;
  /** A JSON array of some columns of one row, for {@link arrayOf}. */
  tupleOf(...columns: readonly Expression<unknown>[]): RawBuilder<unknown>;
}

/** Runs queries, either each on its own or all in one transaction. */
export interface Session {
  /** Builds queries and runs them. */
  readonly db: Db;
  readonly isTransaction: boolean;
  /** Rows of a prepared query. */
  rows<V extends Values, Row>(query: PreparedQuery<V, Row>, values: V): Promise<Row[]>;
  /** First row of a prepared query. */
  first<V extends Values, Row>(query: PreparedQuery<V, Row>, values: V): Promise<Row | undefined>;
  /** Runs a prepared statement that returns no rows; returns how many rows it changed. */
  change<V extends Values>(query: PreparedQuery<V, unknown>, values: V): Promise<number>;
}

/** A transaction under way. Either {@link commit} or {@link rollback} ends it. */
export interface TransactionSession extends Session {
  /** Waits until no other transaction holds the row, then holds it to the end of this one. */
  lockRow(table: LockableTable, key: string): Promise<void>;
  /** Waits until no other process migrates, then keeps others from migrating to the end. */
  lockMigrations(): Promise<void>;
  /** Keeps the changes. If it rejects, {@link rollback} is still due. */
  commit(): Promise<void>;
  /** Discards the changes. Never rejects. */
  rollback(): Promise<void>;
}

/** How durable a transaction is; see `TransactionOptions`. */
export type Durability = "full" | "lazy";

/** A place for reads that may take long, away from the event loop. */
export interface LongReads {
  /**
   * Runs `work` over a session that only reads.
   *
   * @param isAbandoned Whether nobody waits for the result any more. Such a read does not start.
   * @throws Fault `rate-limited` if too many reads wait already, `bad-request` for a read that was
   *   abandoned, `unavailable` when the catalog is closed.
   */
  run<T>(work: (session: Session) => Promise<T>, isAbandoned: () => boolean): Promise<T>;
}

/** One open database. Only this folder sees it; everyone else holds a `Catalog`. */
export interface CatalogAdapter {
  /** Runs queries outside transactions. */
  readonly session: Session;
  /** The place for long reads; absent where there is none, as for a catalog in memory. */
  readonly longReads?: LongReads | undefined;
  /** Starts a write transaction. Waits for its turn without blocking the event loop. */
  begin(durability: Durability): Promise<TransactionSession>;
  /** Whether a transaction failed because of another one, so that running it again may succeed. */
  isConflict(error: unknown): boolean;
  /** The error to report when the catalog cannot be opened or migrated. */
  toOpeningError(error: unknown): unknown;
  /** Ends what is running and releases the database. Later calls do nothing. */
  close(): Promise<void>;
}
