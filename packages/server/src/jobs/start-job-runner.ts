import { randomUUID } from "node:crypto";

import { inTransaction } from "../catalog/catalog.js";
import { claimJob, hasDueJob, putJob } from "../catalog/work/jobs.js";
import { LEASE_TIMES } from "../coordination/keep-renewed.js";
import { Fault } from "../faults/fault.js";
import type { JobHandler } from "./job.js";
import type { ListenedWaker } from "./job-waker.js";
import { type JobContext, runJob } from "./run-job.js";

/** What a runner needs. */
export interface JobRunnerOptions extends Omit<JobContext, "times"> {
  readonly waker: Pick<ListenedWaker, "listen">;
  /** Handlers by kind. */
  readonly handlers: Readonly<Record<string, JobHandler>>;
  readonly times?: JobContext["times"];
  /**
   * Called when there is work but no room in the catalog to claim it: makes room without writing to
   * the catalog.
   */
  readonly makeRoom?: (signal: AbortSignal) => Promise<void>;
}

/** A runner that does jobs until it is stopped. */
export interface JobRunner {
  /**
   * Stops: takes no more jobs, aborts the signal of those that run, and returns when all of them
   * have been given back or have ended.
   */
  stop(): Promise<void>;
}

/** Time between two looks for work. A look reads one row of an index and writes nothing. */
const POLL_MS = 1000;
/** Added at random, so that processes do not look all at once. */
const POLL_JITTER_MS = 250;
/** Longest time between two looks while the catalog fails. */
const LONGEST_PAUSE_MS = 30_000;

/**
 * Starts this process's runner. It claims jobs one by one, at most one of a kind at a time, renews
 * them, and tries those that fail again: after 2 s, 4 s, … up to 10 minutes, at most 20 times.
 */
export function startJobRunner(options: JobRunnerOptions): JobRunner {
  const context = { ...options, times: options.times ?? LEASE_TIMES };
  const owner = randomUUID();
  const stopping = new AbortController();
  const bell = createBell();
  const running = new Map<string, Promise<void>>();
  options.waker.listen(bell.ring);

  /** Starts every job that can be started now. */
  const startDue = async () => {
    for (;;) {
      const kinds = Object.keys(options.handlers).filter((kind) => !running.has(kind));
      if (stopping.signal.aborted || kinds.length === 0) return;
      const takenAtMs = performance.now();
      const claimed = await claim(context, kinds, owner);
      const handler = claimed && options.handlers[claimed.kind];
      if (claimed === undefined || handler === undefined) return;
      const run = { claimed, handler, takenAtMs, stopping: stopping.signal };
      const { kind, key } = claimed;
      const ended = runJob(context, run)
        .catch((err: unknown) => context.log.error({ job: kind, key, err }, "job not ended"))
        .finally(() => {
          running.delete(kind);
          bell.ring();
        });
      running.set(kind, ended);
    }
  };

  const loop = async () => {
    let failures = 0;
    let isArmed = false;
    while (!stopping.signal.aborted) {
      try {
        if (!isArmed) await armPeriodic(context, options.handlers);
        isArmed = true;
        await startDue();
        failures = 0;
      } catch (err) {
        failures += 1;
        context.log.error({ err }, "jobs cannot be claimed");
        await makeRoomFor(err, options, stopping.signal);
      }
      const pauseMs = Math.min(POLL_MS * 2 ** failures, LONGEST_PAUSE_MS);
      if (!stopping.signal.aborted) await bell.rung(pauseMs + Math.random() * POLL_JITTER_MS);
    }
  };

  const looping = loop();
  return {
    async stop() {
      stopping.abort(new Error("the server stops"));
      bell.ring();
      await looping;
      await Promise.all(running.values());
    },
  };
}

/** The look comes first: it writes nothing, a claim does. */
async function claim({ catalog, times, now }: JobContext, kinds: readonly string[], owner: string) {
  if (!(await hasDueJob(catalog, kinds, now?.()))) return undefined;
  return inTransaction(catalog, { durability: "lazy" }, (transaction) =>
    claimJob(transaction, { kinds, owner, leaseMs: times.durationMs, nowMs: now?.() }),
  );
}

async function armPeriodic(
  { catalog, now }: JobContext,
  handlers: JobRunnerOptions["handlers"],
): Promise<void> {
  await inTransaction(catalog, { durability: "lazy" }, async (transaction) => {
    for (const [kind, { everyMs }] of Object.entries(handlers)) {
      if (everyMs !== undefined) await putJob(transaction, { kind, key: "", nowMs: now?.() });
    }
  });
}

async function makeRoomFor(
  err: unknown,
  { makeRoom, log }: JobRunnerOptions,
  signal: AbortSignal,
): Promise<void> {
  if (!(err instanceof Fault && err.code === "storage-full") || makeRoom === undefined) return;
  try {
    await makeRoom(signal);
  } catch (cause) {
    log.error({ err: cause }, "no room could be made");
  }
}

/** A bell to sleep by. */
function createBell() {
  let isRung = false;
  let wake: (() => void) | undefined;
  return {
    ring: () => {
      isRung = true;
      wake?.();
    },
    /** Returns at the next ring, at once if it has rung since, or after `ms`. */
    rung: async (ms: number) => {
      if (!isRung) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms).unref();
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      wake = undefined;
      isRung = false;
    },
  };
}
