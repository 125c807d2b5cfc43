import { setTimeout } from "node:timers/promises";

import { FILL_BATCH, fillSearch as fillBatch } from "../catalog/search/fill.js";
import type { Library } from "../library/library.js";
import type { TaskControl } from "./task-control.js";

/** Pause between two batches, in milliseconds: requests go first. */
const PAUSE_MS = 2;

/**
 * Makes everything in a large catalog of an older release searchable, newest first. Until it is
 * done, searches find what it has reached and everything that is new or changed. Small catalogs are
 * complete as soon as they are open. The catalog remembers how far it came. Returns how many objects
 * it looked at, in whole batches.
 */
export async function fillSearch(
  { catalog }: Pick<Library, "catalog">,
  { signal }: Pick<TaskControl, "signal">,
): Promise<number> {
  let count = 0;
  while (await fillBatch(catalog)) {
    count += FILL_BATCH;
    await setTimeout(PAUSE_MS, undefined, { signal });
  }
  return count;
}
