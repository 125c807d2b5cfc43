import { setTimeout } from "node:timers/promises";

import Database from "better-sqlite3";

import { Fault } from "../../faults/fault.js";

/** Time between two attempts, in milliseconds: doubled from the first to the second. */
const MIN_WAIT_MS = 1;
const MAX_WAIT_MS = 50;

/** Whether SQLite refused because another connection holds a lock. */
export function isBusy(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code.startsWith("SQLITE_BUSY");
}

/**
 * Runs `attempt` until no other process's lock is in its way. SQLite's own `busy_timeout` would
 * sleep in the event loop's thread; this waits outside it.
 *
 * @param deadlineMs When to give up, on the clock of `performance.now()`. One attempt is always
 *   made.
 * @throws Fault `unavailable` at the deadline; other errors of `attempt` at once.
 */
export async function retryWhileBusy<T>(attempt: () => T, deadlineMs: number): Promise<T> {
  for (let waitMs = MIN_WAIT_MS; ; waitMs = Math.min(waitMs * 2, MAX_WAIT_MS)) {
    try {
      return attempt();
    } catch (error) {
      if (!isBusy(error)) throw error;
      if (performance.now() + waitMs > deadlineMs) throw stillBusy(error);
    }
    await setTimeout(waitMs);
  }
}

function stillBusy(error: unknown): Fault {
  const cause = new Error("another process held the catalog's lock the whole time", {
    cause: error,
  });
  return new Fault(
    "unavailable",
    "the library's catalog is busy: another process is writing to it; try again",
    { cause },
  );
}
