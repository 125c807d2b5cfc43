import { linkedAbort, onAbort } from "../platform/abort.js";

/** How many tasks may run. It may change meanwhile. */
export interface PoolLimit {
  readonly value: number;
  /** Set by the pool, to learn that more tasks may run now. */
  onRaise: () => void;
}

/** How tasks run in parallel. */
export interface PoolOptions {
  /** Most tasks at a time, at least 1. */
  readonly concurrency: number | PoolLimit;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs `task` on every item, in order, several at a time. The first failure aborts the others
 * through the signal passed to each; it is thrown once all have ended. An abort from outside
 * rejects with its reason.
 */
export async function runPool<T>(
  items: Iterable<T>,
  { concurrency, signal }: PoolOptions,
  task: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  signal?.throwIfAborted();
  const queue = items[Symbol.iterator]();
  const limit = typeof concurrency === "number" ? fixedLimit(concurrency) : concurrency;
  // A signal for each task, because Node warns of a leak when one signal has many listeners.
  const running = new Set<AbortController>();
  const stopped = new AbortController();
  const stop = (reason: unknown) => {
    // An abort keeps its first reason: later failures are consequences of the first.
    for (const controller of [stopped, ...running]) controller.abort(reason);
  };
  const stopListening = onAbort(signal, () => stop(signal?.reason));
  try {
    await new Promise<void>((resolve) => {
      let isExhausted = false;
      const run = async (item: T, controller: AbortController) => {
        await task(item, controller.signal).catch(stop);
        running.delete(controller);
        fill();
      };
      const fill = () => {
        while (!isExhausted && !stopped.signal.aborted && running.size < limit.value) {
          const next = queue.next();
          isExhausted = next.done === true;
          if (next.done === true) break;
          const controller = new AbortController();
          running.add(controller);
          void run(next.value, controller);
        }
        if (running.size === 0) resolve();
      };
      limit.onRaise = fill;
      fill();
    });
  } finally {
    limit.onRaise = () => {};
    stopListening();
  }
  stopped.signal.throwIfAborted();
}

function fixedLimit(value: number): PoolLimit {
  return { value, onRaise: () => {} };
}

/**
 * Returns both results. The first failure aborts the other through the signal passed to both; it is
 * thrown once both have ended. An abort from outside rejects with its reason.
 */
export async function together<A, B>(
  signal: AbortSignal | undefined,
  begin: (stop: AbortSignal) => readonly [Promise<A>, Promise<B>],
): Promise<[A, B]> {
  signal?.throwIfAborted();
  const stop = linkedAbort(signal);
  const [first, second] = begin(stop.signal);
  for (const each of [first, second]) each.catch((error: unknown) => stop.abort(error));
  try {
    await Promise.allSettled([first, second]);
    stop.signal.throwIfAborted();
    return await Promise.all([first, second]);
  } finally {
    stop.unlink();
  }
}
