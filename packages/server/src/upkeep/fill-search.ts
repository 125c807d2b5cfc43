import { setTimeout } from "node:timers/promises";

import { FILL_BATCH, fillSearch as fillBatch } from "../catalog/search/fill.js";
import { tidySearchIndex } from "../catalog/search/tidy-index.js";
import type { Library } from "../library/library.js";
import type { TaskControl } from "./task-control.js";

/** Pause between two transactions, in milliseconds: requests go first. */
const PAUSE_MS = 2;

/** Batches after which the index is tidied: as many segments as SQLite would merge at once. */
const BATCHES_BETWEEN_TIDYING = 8;

type Deps = Pick<Library, "catalog">;
type Control = Pick<TaskControl, "signal">;

/**
 * Makes everything in a large catalog of an older release searchable, newest first. Until it is
 * done, searches find what it has reached and everything that is new or changed. Small catalogs are
 * complete as soon as they are open. The catalog remembers how far it came. Returns how many
 * objects it looked at, in whole batches.
 */
export async function fillSearch(library: Deps, control: Control): Promise<number> {
  let batches = 0;
  while (await fillBatch(library.catalog)) {
    if (batches % BATCHES_BETWEEN_TIDYING === 0) await tidySearch(library, control);
    batches += 1;
    await setTimeout(PAUSE_MS, undefined, { signal: control.signal });
  }
  return batches * FILL_BATCH;
}

/**
 * Tidies the search index in small steps, so that searches stay fast and no write has to do much of
 * it at once. Returns how many steps that took.
 */
export async function tidySearch({ catalog }: Deps, { signal }: Control): Promise<number> {
  let steps = 0;
  while (await tidySearchIndex(catalog)) {
    steps += 1;
    await setTimeout(PAUSE_MS, undefined, { signal });
  }
  return steps;
}
