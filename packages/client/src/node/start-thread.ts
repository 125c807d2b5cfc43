import type { Worker } from "node:worker_threads";

/** They make next to no objects, and need not have the heap of a program. */
const LIMITS = { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 16 };

/**
 * A thread that runs a text, which so needs no file of its own, wherever a bundler puts that. Undefined where there is no
 * thread to be had: the user has as many as the system allows, or Node was started without leave for them. What threads are
 * made of is loaded with the first: most commands need none, and start sooner.
 */
export function startThread(program: string, workerData: unknown): Worker | undefined {
  const threads = process.getBuiltinModule("node:worker_threads");
  try {
    // Without the flags of this process, of which --input-type would change what kind of module the text is.
    return new threads.Worker(program, {
      eval: true,
      execArgv: [],
      workerData,
      resourceLimits: LIMITS,
    });
  } catch {
    return undefined;
  }
}
