import type { Catalog } from "../catalog.js";

/** The property of a catalog that holds its long reads. Only this folder uses it. */
export const LONG_READS: unique symbol = Symbol("long reads");

/** Reads that may take long, away from the event loop. */
export interface LongReads {
  /** As {@link readLong}. */
  run<T>(work: (reader: Catalog) => Promise<T>, isAbandoned: () => boolean): Promise<T>;
  /** Ends the reads that run, and those that wait, with the Fault `unavailable`. */
  close(): Promise<void>;
}

/**
 * Runs `work` over a catalog whose queries may take long: they do not hold up the event loop. The
 * catalog that `work` gets is for reading only, and has all that was committed before. A few reads
 * run at a time and some wait. In a transaction, and in a catalog without a place for long reads,
 * `work` gets the catalog itself.
 *
 * @param isAbandoned Whether nobody waits for the result any more. Such a read does not start.
 * @throws Fault `rate-limited` if too many wait already, `bad-request` for a read that was
 *   abandoned, `unavailable` when the catalog is closed.
 */
export async function readLong<T>(
  catalog: Catalog,
  work: (reader: Catalog) => Promise<T>,
  isAbandoned: () => boolean = () => false,
): Promise<T> {
  const reads = catalog[LONG_READS];
  return reads === undefined ? work(catalog) : reads.run(work, isAbandoned);
}
