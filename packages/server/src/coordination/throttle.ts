/**
 * Runs the work under one key one at a time, in the order of asking. It limits what this process
 * does at once; nothing that must hold across processes may rely on it (see leases.ts).
 */
export interface Throttle<Key extends string = ThrottleKey> {
  /**
   * Runs `work` once earlier holders of `key` finish, and returns its result.
   *
   * Take keys in the order inspection, header, and never inside a catalog transaction.
   */
  hold<T>(key: Key, work: () => Promise<T>): Promise<T>;
  /** Number of holders of `key`, those that wait included. */
  countOf(key: Key): number;
}

/**
 * What a server does one at a time: reading images for their contents, reading the headers of
 * uploaded files, and hashing parts of stored images.
 */
export type ThrottleKey = "inspection" | "header" | "part digests";

/** Returns a throttle with no holders. */
export function createThrottle<Key extends string = ThrottleKey>(): Throttle<Key> {
  /** The first of each queue holds the key. */
  const queues = new Map<Key, (() => void)[]>();

  const enter = (key: Key) =>
    new Promise<void>((start) => {
      const queue = queues.get(key);
      if (queue === undefined) {
        queues.set(key, [start]);
        start();
      } else {
        queue.push(start);
      }
    });

  const leave = (key: Key) => {
    const queue = queues.get(key) ?? [];
    queue.shift();
    const [startNext] = queue;
    if (startNext === undefined) queues.delete(key);
    else startNext();
  };

  return {
    countOf: (key) => queues.get(key)?.length ?? 0,
    async hold(key, work) {
      await enter(key);
      try {
        return await work();
      } finally {
        leave(key);
      }
    },
  };
}
