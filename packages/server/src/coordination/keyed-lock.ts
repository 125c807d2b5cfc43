/** Lets one at a time do work under a key, in the order of asking. */
export interface KeyedLock {
  /**
   * Runs `work` when all earlier work under `key` has ended, and answers what it answers. `onWaiter` is called, while `work` runs,
   * for every other that waits for the same key, so that work which can hurry does.
   *
   * Keys are taken in the order inspection, part, upload, digest, header; whoever holds one takes only later ones, so nobody waits in a circle. Never
   * ask for a key inside a catalog transaction.
   */
  hold<T>(key: LockKey, work: () => Promise<T>, onWaiter?: () => void): Promise<T>;
  /** How many hold the key or wait for it. */
  countOf(key: LockKey): number;
}

/**
 * What can be locked: the inspection of images, a part of an upload, an upload, a blob, the reading of uploaded files' headers; and,
 * by themselves, the digests of parts of images.
 */
export type LockKey =
  | "inspection"
  | `part:${string}`
  | `upload:${string}`
  | `digest:${string}`
  | "header"
  | "part digests";

interface Turn {
  readonly start: () => void;
  readonly onWaiter: () => void;
}

/** A lock for the work of this process. */
export function createKeyedLock(): KeyedLock {
  /** First in each queue is who holds the key. */
  const queues = new Map<string, Turn[]>();

  const enter = (key: string, onWaiter: () => void) =>
    new Promise<void>((start) => {
      const queue = queues.get(key);
      if (queue === undefined) {
        queues.set(key, [{ start, onWaiter }]);
        start();
      } else {
        queue.push({ start, onWaiter });
        queue[0]?.onWaiter();
      }
    });

  const leave = (key: string) => {
    const queue = queues.get(key) ?? [];
    queue.shift();
    const [next, ...waiters] = queue;
    if (next === undefined) {
      queues.delete(key);
      return;
    }
    next.start();
    for (const _ of waiters) next.onWaiter();
  };

  return {
    countOf: (key) => queues.get(key)?.length ?? 0,
    async hold(key, work, onWaiter = () => {}) {
      await enter(key, onWaiter);
      try {
        return await work();
      } finally {
        leave(key);
      }
    },
  };
}
