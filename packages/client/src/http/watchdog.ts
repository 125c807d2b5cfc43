import { linkedAbort } from "../platform/abort.js";

/**
 * Aborts its signal when an armed time passes without progress, or when the caller's signal aborts.
 */
export interface Watchdog {
  readonly signal: AbortSignal;
  /** Whether the time ran out. */
  readonly hasExpired: boolean;
  /** Restarts the time from now. */
  arm(timeoutMs: number): void;
  /** Stops the time: the wait is now on this side. */
  disarm(): void;
  /** Ends the watch. Leaves nothing behind on the caller's signal. */
  close(): void;
}

/** Creates a watchdog that also aborts, with the same reason, when `signal` does. Close it. */
export function createWatchdog(signal: AbortSignal | undefined): Watchdog {
  const linked = linkedAbort(signal);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let hasExpired = false;
  const disarm = () => {
    clearTimeout(timer);
    timer = undefined;
  };
  return {
    signal: linked.signal,
    get hasExpired() {
      return hasExpired;
    },
    arm(timeoutMs) {
      disarm();
      timer = setTimeout(() => {
        hasExpired = true;
        linked.abort(new Error(`nothing moved for ${timeoutMs} ms`));
      }, timeoutMs);
    },
    disarm,
    close() {
      disarm();
      linked.unlink();
    },
  };
}
