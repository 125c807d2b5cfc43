import { existsSync } from "node:fs";
import type { Worker } from "node:worker_threads";

/** The programs create hardly any objects, so they do without the heap of a whole application. */
const LIMITS = { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 16 };

/** The programs for threads: modules beside this one, or beside the bundle that contains it. */
const PROGRAMS = {
  "hash-file": () => new URL("./hash-file.worker.js", import.meta.url),
  "write-file": () => new URL("./write-file.worker.js", import.meta.url),
};

/**
 * Starts a thread.
 *
 * @returns undefined where none can be had, so that the caller does the work itself: the system's
 *   limit is reached, Node was started without permission for threads, or a bundler left the
 *   program behind.
 */
export function startThread(
  program: keyof typeof PROGRAMS,
  workerData: unknown,
): Worker | undefined {
  // Loaded with the first thread: most commands need none, and start sooner without.
  const threads = process.getBuiltinModule("node:worker_threads");
  try {
    const url = PROGRAMS[program]();
    if (!existsSync(url)) return undefined;
    // Without the flags of this process, such as --input-type, which are not meant for the thread.
    return new threads.Worker(url, { execArgv: [], workerData, resourceLimits: LIMITS });
  } catch {
    return undefined;
  }
}
