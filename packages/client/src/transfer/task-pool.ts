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
  const controller = new AbortController();
  const abort = () => controller.abort(signal?.reason);
  signal?.addEventListener("abort", abort, { once: true });
  const queue = items[Symbol.iterator]();
  const work = async () => {
    for (let next = queue.next(); next.done !== true; next = queue.next()) {
      controller.signal.throwIfAborted();
      await task(next.value, controller.signal);
    }
  };
  const worker = async () => {
    try {
      await work();
    } catch (error) {
      // Later failures are consequences of the first: the abort keeps the first reason.
      controller.abort(error);
    }
  };
  try {
    await Promise.all(Array.from({ length: concurrency }, worker));
  } finally {
    signal?.removeEventListener("abort", abort);
  }
  controller.signal.throwIfAborted();
}
