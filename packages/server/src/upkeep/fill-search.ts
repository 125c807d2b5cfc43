import { setTimeout } from "node:timers/promises";

import type { Catalog } from "../catalog/catalog.js";
import { FILL_BATCH, fillSearch } from "../catalog/search/fill.js";

/** Between two batches, in milliseconds: requests go first. */
const PAUSE_MS = 2;

/** Between two lines of the log while it goes on, and before it tries again after a failure. */
const LOG_INTERVAL_MS = 10_000;

/** Takes what the fill has to say. A pino logger is one. */
export interface FillLog {
  info(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

/** A fill that goes on until it is done or stopped. */
export interface SearchFill {
  /** Stops it; the next start goes on where it was. Returns when the batch under way has ended. */
  stop(): Promise<void>;
}

/**
 * Makes everything of a large catalog of an older release searchable, in the background, newest
 * first. Until it is done, searches find what it has come to and all that is new or changed. Small
 * catalogs are complete once they are open, and there is nothing to do.
 */
export function startSearchFill(catalog: Catalog, log: FillLog): SearchFill {
  const stopping = new AbortController();
  const running = fillAll(catalog, log, stopping.signal);
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

async function fillAll(catalog: Catalog, log: FillLog, signal: AbortSignal): Promise<void> {
  let count = 0;
  let loggedMs = 0;
  while (!signal.aborted) {
    try {
      if (!(await fillSearch(catalog))) break;
      count += FILL_BATCH;
    } catch (err) {
      log.error({ err }, "making the catalog searchable failed; it is tried again");
      await pause(LOG_INTERVAL_MS, signal);
    }
    if (Date.now() - loggedMs >= LOG_INTERVAL_MS) {
      log.info({ count }, "making the catalog of an older release searchable; newest images first");
      loggedMs = Date.now();
    }
    await pause(PAUSE_MS, signal);
  }
  if (count > 0 && !signal.aborted) log.info({ count }, "all of the catalog is searchable");
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, { signal, ref: false }).catch(() => {});
}
