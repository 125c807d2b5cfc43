import { setImmediate } from "node:timers/promises";

import { Fault } from "../../faults/fault.js";

/** Reads that run at a time: while the rows of one travel between threads, another's are read. */
const MAX_RUNNING = 2;

/** Reads that wait. More would wait for longer than anybody stays. */
const MAX_WAITING = 32;

interface Waiter {
  readonly start: () => void;
  readonly fail: (fault: Fault) => void;
  readonly isAbandoned: () => boolean;
}

/** Lets a few reads run at a time, in the order of asking. */
export interface ReaderQueue {
  /**
   * Runs `work` once it is its turn, and returns its result.
   *
   * @throws Fault `rate-limited` if too many wait, `bad-request` if it was abandoned while it
   *   waited, `unavailable` once the queue is closed.
   */
  run<T>(work: () => Promise<T>, isAbandoned: () => boolean): Promise<T>;
  /** Rejects all that wait, and all that come. */
  close(): void;
}

/** A queue for the reads of one thread. */
export function createReaderQueue(): ReaderQueue {
  let waiting: Waiter[] = [];
  let running = 0;
  let isClosed = false;

  const dropAbandoned = () => {
    waiting = waiting.filter(({ fail, isAbandoned }) => {
      const isDropped = isAbandoned();
      if (isDropped) fail(abandoned());
      return !isDropped;
    });
  };

  const startNext = () => {
    dropAbandoned();
    while (running < MAX_RUNNING) {
      const next = waiting.shift();
      if (next === undefined) return;
      running += 1;
      next.start();
    }
  };

  const enter = (isAbandoned: () => boolean) =>
    new Promise<void>((start, fail) => {
      if (isClosed) throw closed();
      if (waiting.length >= MAX_WAITING) dropAbandoned();
      if (waiting.length >= MAX_WAITING) throw full();
      waiting.push({ start, fail, isAbandoned });
      startNext();
    });

  return {
    async run(work, isAbandoned) {
      await enter(isAbandoned);
      try {
        // Replies of a thread can follow one another in one turn of the event loop. Other work goes
        // before the next read.
        await setImmediate();
        if (isAbandoned()) throw abandoned();
        return await work();
      } finally {
        running -= 1;
        startNext();
      }
    },
    close() {
      isClosed = true;
      for (const { fail } of waiting.splice(0)) fail(closed());
    },
  };
}

function abandoned(): Fault {
  return new Fault("bad-request", "the client left before its search or list was read");
}

function full(): Fault {
  return new Fault(
    "rate-limited",
    `the library is busy with searches and long lists, and ${MAX_WAITING} more wait; try again in a moment`,
  );
}

function closed(): Fault {
  return new Fault("unavailable", "the library is stopping; try again later");
}
