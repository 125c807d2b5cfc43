import { linkedAbort } from "../abort.js";

/** Notices that nothing moves: aborts its signal when an armed time passes, or when the caller's signal aborts. */
export interface Watchdog {
  readonly signal: AbortSignal;
  /** Whether it was the time that ran out. */
  readonly hasExpired: boolean;
  /** Starts the time again from now. */
  arm(timeoutMs: number): void;
  /** Stops the time: what is waited for now is on this side. */
  disarm(): void;
  /** Ends the watch; nothing is left behind on the caller's signal. */
  close(): void;
}

/** A watchdog that also aborts, with the same reason, when `signal` does. Close it. */
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
