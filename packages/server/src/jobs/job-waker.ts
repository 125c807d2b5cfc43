/** Wakes this process's job runner. */
export interface JobWaker {
  /** Makes an idle runner look for work at once. Call it after the transaction that enqueued. */
  readonly wake: () => void;
}

/** A waker and the runner's end of it. */
export interface ListenedWaker extends JobWaker {
  /** Calls `listener` at every wake. One listener at a time. */
  readonly listen: (listener: () => void) => void;
}

/** Returns a waker that nobody listens to yet; it is made before the runner that it wakes. */
export function createJobWaker(): ListenedWaker {
  let runner: (() => void) | undefined;
  return {
    wake: () => runner?.(),
    listen(listener) {
      runner = listener;
    },
  };
}
