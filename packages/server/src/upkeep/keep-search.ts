import { setTimeout } from "node:timers/promises";

import type { Catalog } from "../catalog/catalog.js";
import { FILL_BATCH, fillSearch } from "../catalog/search/fill.js";
import { tidySearchIndex } from "../catalog/search/tidy-index.js";

/** Between two transactions, in milliseconds: requests go first. */
const PAUSE_MS = 2;

/** Between two lines of the log while it fills, and before it tries again after a failure. */
const LOG_INTERVAL_MS = 10_000;

/** Between two times that the index is tidied, in milliseconds. */
const TIDY_INTERVAL_MS = 30_000;

/** Batches after which the index is tidied: as many segments as SQLite would merge at once. */
const BATCHES_BETWEEN_TIDYING = 8;

/** Takes messages on the work. A pino logger is one. */
export interface SearchLog {
  info(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

/** Work that goes on until it is stopped. */
export interface SearchUpkeep {
  /** Stops it; the next start goes on where it was. Returns when the step under way has ended. */
  stop(): Promise<void>;
}

/**
 * Keeps a catalog searchable and searches fast, in small steps in the background. It first indexes
 * a large catalog of an older release, newest first. Until that is done, searches find what is
 * indexed and everything that is created meanwhile. Small catalogs are complete once they are open.
 * From then on it tidies the index every 30 seconds.
 */
export function startSearchUpkeep(catalog: Catalog, log: SearchLog): SearchUpkeep {
  const stopping = new AbortController();
  const running = keepSearch({ catalog, log, signal: stopping.signal });
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

interface Work {
  readonly catalog: Catalog;
  readonly log: SearchLog;
  readonly signal: AbortSignal;
}

async function keepSearch(work: Work): Promise<void> {
  const { log, signal } = work;
  while (!signal.aborted) {
    try {
      await fillAll(work);
      await tidyAll(work);
    } catch (err) {
      log.error({ err }, "keeping the catalog searchable failed; it is tried again");
    }
    await pause(TIDY_INTERVAL_MS, signal);
  }
}

async function fillAll({ catalog, log, signal }: Work): Promise<void> {
  let loggedMs = 0;
  for (let batches = 0; !signal.aborted; batches++) {
    const isMore = await fillSearch(catalog);
    const count = batches * FILL_BATCH;
    if (!isMore) {
      if (batches > 0) log.info({ count }, "all of the catalog is searchable");
      return;
    }
    if (Date.now() - loggedMs >= LOG_INTERVAL_MS) {
      log.info({ count }, "making the catalog of an older release searchable; newest images first");
      loggedMs = Date.now();
    }
    if (batches % BATCHES_BETWEEN_TIDYING === 0) await tidyAll({ catalog, log, signal });
    await pause(PAUSE_MS, signal);
  }
}

async function tidyAll({ catalog, signal }: Work): Promise<void> {
  while (!signal.aborted && (await tidySearchIndex(catalog))) await pause(PAUSE_MS, signal);
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, { signal, ref: false }).catch(() => {});
}
