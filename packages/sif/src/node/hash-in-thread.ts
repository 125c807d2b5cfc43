import { Worker } from "node:worker_threads";
import type { ReadOptions } from "../bytes/byte-source.js";
import type { DigestAlgorithm } from "../bytes/digest-algorithm.js";
import { nodeHashName } from "./platform-hash.js";
import type { HashedRange, HashTask } from "./sif-hash.worker.js";

/** Most threads at a time. More would only compete for the processors. */
const MAX_THREADS = 4;
let running = 0;

/**
 * Hashes a range of a file in a thread of its own, which keeps the work off the event loop and the
 * bytes out of the caller's memory. The file must stay open until this settles.
 *
 * @returns `null` if no thread is available: too many are running, Node was started without
 *   permission for them, or the file of the thread's program is missing, as in a bundle made
 *   without it
 * @throws `signal.reason` after an abort, and errors of the file system
 */
export async function hashInThread(
  range: Omit<HashTask, "hashName">,
  algorithm: DigestAlgorithm,
  { signal }: ReadOptions = {},
): Promise<HashedRange | null> {
  signal?.throwIfAborted();
  const task: HashTask = { ...range, hashName: nodeHashName(algorithm) };
  const worker = running < MAX_THREADS ? startThread(task) : null;
  if (worker === null) return null;
  running += 1;
  const abort = (): void => void worker.terminate();
  signal?.addEventListener("abort", abort, { once: true });
  try {
    return await resultOf(worker);
  } catch (error) {
    signal?.throwIfAborted();
    if (isMissingProgram(error)) return null;
    throw error;
  } finally {
    signal?.removeEventListener("abort", abort);
    running -= 1;
  }
}

function startThread(workerData: HashTask): Worker | null {
  const program = new URL("./sif-hash.worker.js", import.meta.url);
  try {
    // Flags of this process, such as `--input-type`, are not for the thread.
    return new Worker(program, { workerData, execArgv: [] });
  } catch {
    return null;
  }
}

function isMissingProgram(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "MODULE_NOT_FOUND" || code === "ERR_MODULE_NOT_FOUND";
}

/** Resolves once the thread has ended and no longer reads the file. */
async function resultOf(worker: Worker): Promise<HashedRange> {
  return await new Promise((resolve, reject) => {
    let result: HashedRange | null = null;
    let failure: unknown = new Error("cannot hash the file: the hashing thread ended early");
    worker.on("message", (message: HashedRange) => {
      result = message;
    });
    worker.on("error", (error) => {
      failure = error;
    });
    worker.on("exit", () => {
      if (result === null) reject(failure);
      else resolve(result);
    });
  });
}
