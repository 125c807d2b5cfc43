import { inTransaction } from "../catalog/catalog.js";
import { deleteDoneJobs } from "../catalog/work/jobs.js";
import { deleteEndedLeases } from "../catalog/work/leases.js";
import type { Library } from "../library/library.js";
import type { TaskControl } from "./task-control.js";

/** How long a job that is done stays in the catalog, for people who look for it. */
const KEEP_JOBS_MS = 24 * 60 * 60 * 1000;
/** How long a lease that has ended stays. */
const KEEP_LEASES_MS = 60 * 60 * 1000;
/** Rows per batch. */
const BATCH = 1000;

/** Deletes the rows of jobs and leases that ended long enough ago. Returns how many. */
export async function forgetEnded(
  { catalog, leases }: Pick<Library, "catalog" | "leases">,
  { signal }: Pick<TaskControl, "signal">,
): Promise<number> {
  let forgotten = 0;
  for (;;) {
    signal.throwIfAborted();
    const nowMs = leases.now?.();
    const deleted = await inTransaction(catalog, { durability: "lazy" }, async (transaction) => {
      const jobs = { ageMs: KEEP_JOBS_MS, limit: BATCH, nowMs };
      const ended = { ageMs: KEEP_LEASES_MS, limit: BATCH, nowMs };
      return Math.max(
        await deleteDoneJobs(transaction, jobs),
        await deleteEndedLeases(transaction, ended),
      );
    });
    forgotten += deleted;
    if (deleted < BATCH) return forgotten;
  }
}
