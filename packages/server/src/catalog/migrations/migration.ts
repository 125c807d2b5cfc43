import type { Db } from "../sql.js";

/** One step from a version of the catalog to the next. Once released it never changes. */
export interface Migration {
  /** What it does, in a few words. */
  readonly name: string;
  /**
   * The oldest version that a release must know to run against the catalog after this step.
   * Default: this step's own, so older releases refuse the catalog. A step that they can live with,
   * such as a new table or index that nobody must fill, names theirs; then they run on during an
   * upgrade.
   */
  readonly needs?: number;
  /** Takes the step, inside a transaction. */
  readonly up: (transaction: Db) => Promise<void>;
}
