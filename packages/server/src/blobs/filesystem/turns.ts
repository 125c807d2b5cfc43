/** Lets one holder at a time have a key, in the order in which they ask. In this process only. */
export interface Turns {
  /**
   * Waits until all earlier holders of `key` have released it. Returns the function that releases
   * it; call it once. While it is held, `onWaiter` is called for every other that waits for the
   * key.
   */
  take(key: string, onWaiter?: () => void): Promise<() => void>;
}

interface Turn {
  readonly start: () => void;
  readonly onWaiter: () => void;
}

/** Creates turns for the senders within this process. */
export function createTurns(): Turns {
  /** The first in each queue holds the key. */
  const queues = new Map<string, Turn[]>();
  const release = (key: string) => {
    const queue = queues.get(key) ?? [];
    queue.shift();
    const [next, ...waiting] = queue;
    if (next === undefined) {
      queues.delete(key);
      return;
    }
    next.start();
    for (const _ of waiting) next.onWaiter();
  };
  return {
    async take(key, onWaiter = () => {}) {
      await new Promise<void>((start) => {
        const queue = queues.get(key);
        if (queue === undefined) {
          queues.set(key, [{ start, onWaiter }]);
          start();
        } else {
          queue.push({ start, onWaiter });
          queue[0]?.onWaiter();
        }
      });
      return () => release(key);
    },
  };
}
