import type { Library } from "../library/library.js";
import { collectGarbage, sweepOrphanBlobs } from "./collect-garbage.js";
import { inspectMissed } from "./inspect-missed.js";
import { expireUploads, sweepStagings } from "./expire-uploads.js";

/** Between two rounds. Each costs four queries and the listing of one folder when there is nothing to do. */
const INTERVAL_MS = 60_000;

/** Takes what upkeep has to say. A pino logger is one. */
export interface UpkeepLog {
  info(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

/** Upkeep that goes on until it is stopped. */
export interface Upkeep {
  /** Stops it, and answers when the task under way has ended. */
  stop(): Promise<void>;
}

interface Task {
  readonly name: string;
  readonly run: () => Promise<number>;
}

/**
 * Keeps a library tidy: at once and then every `intervalMs` (default one minute) it ends expired uploads and deletes what nobody
 * needs, and inspects what has not been; once it looks for stored bytes that the catalog does not know. A task that fails is logged and tried again.
 */
export function startUpkeep(library: Library, log: UpkeepLog, intervalMs = INTERVAL_MS): Upkeep {
  const stopping = new AbortController();
  const { signal } = stopping;
  let timer: NodeJS.Timeout | undefined;
  const round = async (tasks: readonly Task[]) => {
    for (const task of tasks) {
      if (!signal.aborted) await runLogged(task, log);
    }
    if (signal.aborted) return;
    timer = setTimeout(() => {
      running = round(regularTasks(library, signal));
    }, intervalMs);
    timer.unref();
  };
  let running = round([...regularTasks(library, signal), orphanTask(library, signal)]);
  return {
    async stop() {
      stopping.abort();
      clearTimeout(timer);
      await running;
    },
  };
}

async function runLogged({ name, run }: Task, log: UpkeepLog): Promise<void> {
  try {
    const count = await run();
    if (count > 0) log.info({ task: name, count }, "upkeep");
  } catch (err) {
    log.error({ task: name, err }, "upkeep failed");
  }
}

function regularTasks(library: Library, signal: AbortSignal): Task[] {
  return [
    { name: "expire uploads", run: () => expireUploads(library) },
    { name: "sweep ended uploads", run: () => sweepStagings(library) },
    { name: "collect garbage", run: () => collectGarbage(library) },
    { name: "inspect images", run: () => inspectMissed(library, signal) },
  ];
}

/** An upload that was published but not noted stays open no longer than its time to live. */
function orphanTask(library: Library, signal: AbortSignal): Task {
  return {
    name: "sweep orphans",
    run: () => sweepOrphanBlobs(library, library.settings.uploadTtlMs, signal),
  };
}
