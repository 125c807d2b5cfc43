import type { Db } from "../sql.js";

/** One step from a version of the catalog to the next. Once released it never changes. */
export interface Migration {
  /** What it does, in a few words. */
  readonly name: string;
  /** Does it, inside a transaction. */
  readonly up: (transaction: Db) => Promise<void>;
}
