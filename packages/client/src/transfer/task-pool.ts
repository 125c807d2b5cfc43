/** How tasks run side by side. */
export interface PoolOptions {
  /** Tasks at a time, at least 1. */
  readonly concurrency: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs `task` on every item, in their order, a few at a time. The first failure aborts the others through the signal
 * that each task is given; all are awaited before it is thrown. An abort from outside rejects with its reason.
 */
export async function runPool<T>(
  items: Iterable<T>,
  { concurrency, signal }: PoolOptions,
  task: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  signal?.throwIfAborted();
  const queue = items[Symbol.iterator]();
  // A signal for each worker: tasks listen to it, and one signal for all would have suspiciously many listeners.
  const controllers = Array.from({ length: concurrency }, () => new AbortController());
  const stopped = new AbortController();
  const stop = (reason: unknown) => {
    // Later failures are consequences of the first: an abort keeps its first reason.
    for (const controller of [stopped, ...controllers]) controller.abort(reason);
  };
  const follow = () => stop(signal?.reason);
  signal?.addEventListener("abort", follow, { once: true });
  const work = async (own: AbortSignal) => {
    for (let next = queue.next(); next.done !== true; next = queue.next()) {
      own.throwIfAborted();
      await task(next.value, own);
    }
  };
  try {
    await Promise.all(controllers.map((controller) => work(controller.signal).catch(stop)));
  } finally {
    signal?.removeEventListener("abort", follow);
  }
  stopped.signal.throwIfAborted();
}
