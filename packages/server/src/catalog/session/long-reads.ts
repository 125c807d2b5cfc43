import type { CatalogAdapter } from "./adapter.js";
import { type Catalog, catalogOver } from "../catalog.js";
import { SOURCE } from "../sql.js";

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
  const source = catalog[SOURCE];
  if ("commit" in source || source.longReads === undefined) return work(catalog);
  return source.longReads.run((session) => {
    const reading: CatalogAdapter = { ...source, session, longReads: undefined, begin: refuse };
    return work(catalogOver(reading));
  }, isAbandoned);
}

async function refuse(): Promise<never> {
  throw new Error("a long read cannot write");
}
