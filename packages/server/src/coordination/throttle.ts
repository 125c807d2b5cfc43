/**
 * Runs the work under one key one at a time, in the order of asking. It limits what this process
 * does at once; nothing that must hold across processes may rely on it (see leases.ts).
 */
export interface Throttle<Key extends string = ThrottleKey> {
  /**
   * Runs `work` once earlier holders of `key` finish, and returns its result. While `work` runs,
   * `onWaiter` is called once for each other holder that waits, so that work that can hurry does.
   *
   * Take keys in the order inspection, part, header, and never inside a catalog transaction.
   */
  hold<T>(key: Key, work: () => Promise<T>, onWaiter?: () => void): Promise<T>;
  /** Number of holders of `key`, those that wait included. */
  countOf(key: Key): number;
}

/**
 * What a server does one at a time: reading images for their contents, receiving one part of an
 * upload, reading the headers of uploaded files, searches, and hashing parts of stored images.
 */
export type ThrottleKey = "inspection" | `part:${string}` | "header" | "search" | "part digests";

interface Turn {
  readonly start: () => void;
  readonly onWaiter: () => void;
}

/** Returns a throttle with no holders. */
export function createThrottle<Key extends string = ThrottleKey>(): Throttle<Key> {
  /** The first of each queue holds the key. */
  const queues = new Map<Key, Turn[]>();

  const enter = (key: Key, onWaiter: () => void) =>
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

  const leave = (key: Key) => {
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
