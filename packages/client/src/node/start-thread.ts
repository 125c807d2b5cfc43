import { existsSync } from "node:fs";
import type { Worker } from "node:worker_threads";

/** The programs create hardly any objects, so they do without the heap of a whole application. */
const LIMITS = { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 16 };

/** The programs for threads: modules beside this one, or beside the bundle that contains it. */
export type ThreadProgram = "hash-file" | "write-file";

/**
 * Starts a thread.
 *
 * @returns undefined where none can be had, so that the caller does the work itself: the system's
 *   limit is reached, Node was started without permission for threads, or a bundler left the
 *   program behind.
 */
export function startThread(program: ThreadProgram, workerData: unknown): Worker | undefined {
  // Loaded with the first thread: most commands need none, and start sooner without.
  const threads = process.getBuiltinModule("node:worker_threads");
  try {
    const url = new URL(`./${program}.worker.js`, import.meta.url);
    if (!existsSync(url)) return undefined;
    // Without the flags of this process, such as --input-type, which are not meant for the thread.
    return new threads.Worker(url, { execArgv: [], workerData, resourceLimits: LIMITS });
  } catch {
    return undefined;
  }
}
