/** Notices when nothing happens for a while. */
export interface IdleTimer {
  /**
   * Starts the timer. Calls `onIdle` once, unless {@link restart} or {@link stop} comes in time.
   */
  start(onIdle: () => void): void;
  /** Starts the wait again. Does nothing before {@link start}. */
  restart(): void;
  /** Stops the timer until {@link restart}. */
  stop(): void;
  /** Lowers the limit of this and later waits to `limitMs`; never raises it. */
  lower(limitMs: number): void;
}

/** Creates a timer that waits `limitMs` milliseconds at a time. */
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
      // Asking again must not prolong the current wait.
      if (lowerMs >= limit) return;
      limit = lowerMs;
      if (timer !== undefined) arm();
    },
  };
}
