import { setTimeout } from "node:timers/promises";

/** Most times that work is repeated. */
const MAX_RETRIES = 5;

/** Time between two attempts, in milliseconds: random, so that the same two do not meet again. */
const MIN_WAIT_MS = 5;
const MAX_WAIT_MS = 80;

/**
 * Runs `work`, and again while it fails with a conflict: up to 5 times, after 5 to 80 ms each.
 * Returns its result.
 *
 * @throws The last error of `work`; one that is no conflict at once.
 */
export async function retryConflicts<T>(
  isConflict: (error: unknown) => boolean,
  work: () => Promise<T>,
): Promise<T> {
  for (let retries = 0; ; retries++) {
    try {
      return await work();
    } catch (error) {
      if (retries === MAX_RETRIES || !isConflict(error)) throw error;
    }
    await setTimeout(MIN_WAIT_MS + Math.random() * (MAX_WAIT_MS - MIN_WAIT_MS));
  }
}
