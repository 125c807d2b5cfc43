import { type Catalog, inTransaction } from "../catalog/catalog.js";
import {
  type ClaimedJob,
  endJob,
  type JobEnd,
  renewJob,
  saveJobProgress,
} from "../catalog/work/jobs.js";
import { keepRenewed, type LeaseTimes } from "../coordination/keep-renewed.js";
import type { JobHandler } from "./job.js";

/** Attempts without progress after which a job is given up. */
const MAX_ATTEMPTS = 20;
/** Longest wait before another attempt, in milliseconds. */
const LONGEST_BACKOFF_MS = 10 * 60_000;

/** Takes what the runner has to say. A pino logger is one. */
export interface JobLog {
  error(facts: object, message: string): void;
}

/** What claimed jobs are done with. */
export interface JobContext {
  readonly catalog: Catalog;
  readonly log: JobLog;
  readonly times: LeaseTimes;
  /** Replaces the database's clock, for tests. */
  readonly now?: (() => number) | undefined;
}

/** A claimed job and how to do it. */
export interface JobRun {
  readonly claimed: ClaimedJob;
  readonly handler: JobHandler;
  /** When the job was claimed, by `performance.now()`. */
  readonly takenAtMs: number;
  /** Aborted when the process stops. */
  readonly stopping: AbortSignal;
}

/**
 * Does a claimed job and ends its claim. The end counts only if the claim still holds: a holder
 * that overslept changes nothing.
 *
 * @throws when the catalog cannot be written; the lease then runs out, and the job is done again.
 */
export async function runJob(context: JobContext, run: JobRun): Promise<void> {
  const { catalog, times, now } = context;
  const { claimed, stopping } = run;
  const lease = () => ({ leaseMs: times.durationMs, nowMs: now?.() });
  const renewal = keepRenewed({
    renew: () => lazily(catalog, (transaction) => renewJob(transaction, claimed, lease())),
    takenAtMs: run.takenAtMs,
    times,
    lostReason: () => jobLost(claimed),
  });
  const saveProgress = async (progress: string) => {
    const isOurs = await lazily(catalog, (tx) => saveJobProgress(tx, claimed, progress));
    if (!isOurs) renewal.lose(jobLost(claimed));
    renewal.signal.throwIfAborted();
  };
  const signal = AbortSignal.any([renewal.signal, stopping]);
  try {
    const end = await attempt(context, run, { signal, saveProgress });
    await lazily(catalog, (transaction) => endJob(transaction, claimed, end, now?.()));
  } finally {
    renewal.stop();
  }
}

interface Control {
  readonly signal: AbortSignal;
  readonly saveProgress: (progress: string) => Promise<void>;
}

async function attempt(context: JobContext, run: JobRun, control: Control): Promise<JobEnd> {
  const { claimed, handler } = run;
  const { kind, key, attempts, progress } = claimed;
  const { everyMs } = handler;
  try {
    // Attempts that reported no error: each time the process ended, perhaps because of the job.
    if (attempts > MAX_ATTEMPTS && everyMs === undefined) {
      throw new Error(`its process died in each of ${MAX_ATTEMPTS} attempts`);
    }
    const result = (await handler.run({ key, attempts, progress, ...control })) ?? null;
    return everyMs === undefined
      ? { state: "done", result }
      : { state: "again", result, delayMs: everyMs };
  } catch (err) {
    if (control.signal.aborted) return { state: "released" };
    context.log.error({ job: kind, key, attempts, err }, "job failed");
    const error = err instanceof Error ? err.message : String(err);
    if (everyMs === undefined && attempts >= MAX_ATTEMPTS) return { state: "failed", error };
    const backoffMs = Math.min(1000 * 2 ** attempts, LONGEST_BACKOFF_MS);
    return { state: "retry", error, delayMs: Math.min(backoffMs, everyMs ?? backoffMs) };
  }
}

function jobLost({ kind, key }: ClaimedJob): Error {
  return new Error(`the job ${kind} ${key} was taken over by another process`);
}

function lazily<T>(catalog: Catalog, work: (transaction: Catalog) => Promise<T>): Promise<T> {
  return inTransaction(catalog, { durability: "lazy" }, work);
}
