/** Notices when something stops happening. */
export interface IdleTimer {
  /** Begins to wait; `onIdle` is called once if neither {@link restart} nor {@link stop} comes in time. */
  start(onIdle: () => void): void;
  /** Something happened, or is wanted again: waits anew. Nothing happens before {@link start}. */
  restart(): void;
  /** Waits no more, until {@link restart}. */
  stop(): void;
  /** Waits no longer than `limitMs` from now on. */
  lower(limitMs: number): void;
}

/** A timer that waits `limitMs` milliseconds at a time. */
export function createIdleTimer(limitMs: number): IdleTimer {
  let limit = limitMs;
  let timer: NodeJS.Timeout | undefined;
  let onIdle: (() => void) | undefined;
  const stop = () => {
    clearTimeout(timer);
    timer = undefined;
  };
  const arm = () => {
    stop();
    if (onIdle !== undefined) timer = setTimeout(onIdle, limit);
  };
  return {
    start(callback) {
      onIdle = callback;
      arm();
    },
    restart: () => (timer === undefined ? arm() : void timer.refresh()),
    stop,
    lower(lowerMs) {
      // Who waits and asks again must not lengthen the wait.
      if (lowerMs >= limit) return;
      limit = lowerMs;
      if (timer !== undefined) arm();
    },
  };
}
