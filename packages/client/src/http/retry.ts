import { onAbort } from "../platform/abort.js";
import { isLibraryError } from "../errors/library-error.js";
import type { Logger } from "./logger.js";

/** How a request that may be repeated is retried. */
export interface RetryPolicy {
  /** Attempts without progress, including the first. */
  readonly maxAttempts: number;
  /**
   * Upper bound of the pause before the second attempt, in milliseconds. Doubles with each further
   * one; the pause itself is random.
   */
  readonly baseDelayMs: number;
  /** Upper bound of all chosen pauses, in milliseconds. */
  readonly maxDelayMs: number;
  /**
   * Longest `Retry-After` that is honoured, in milliseconds. A library that asks for more is not
   * asked again.
   */
  readonly maxRetryAfterMs: number;
  /** Returns a number from 0 up to 1. Default: `Math.random`. */
  readonly random: () => number;
  /** Waits, and rejects with the signal's reason when it aborts. Default: a timer. */
  readonly pause: (delayMs: number, signal?: AbortSignal) => Promise<void>;
}

/**
 * Long enough to outlast the restart of a server behind a load balancer, short enough for a waiting
 * user.
 */
export const DEFAULT_RETRY: RetryPolicy = Object.freeze({
  maxAttempts: 6,
  baseDelayMs: 250,
  maxDelayMs: 10_000,
  maxRetryAfterMs: 300_000,
  random: () => Math.random(),
  pause,
});

/** Advancing this many bytes beyond the furthest point so far restores all attempts. */
export const REFILL_BYTES = 1024 * 1024;

/** One attempt. */
export interface Attempt {
  /** Counts all attempts, from 1. */
  readonly number: number;
  /**
   * Reports how many bytes from its start the work has reached. Only new ground restores attempts,
   * so that work that always fails at the same point ends.
   */
  readonly reached: (bytes: number) => void;
}

/** What a retry needs to know. A `Connection` provides it. */
export interface RetryContext {
  readonly retry: RetryPolicy;
  readonly logger: Logger;
  /** Called with each error that is followed by another attempt. */
  readonly onRetry?: ((error: Error) => void) | undefined;
}

/**
 * Returns the result of `attempt`, retried after transient errors. Use it only for work that can be
 * repeated.
 *
 * Rejects with the last error, with the first permanent one, or with the signal's reason.
 */
export async function withRetries<T>(
  { retry, logger, onRetry }: RetryContext,
  signal: AbortSignal | undefined,
  attempt: (attempt: Attempt) => Promise<T>,
): Promise<T> {
  const budget = createBudget(retry);
  for (let number = 1; ; number++) {
    signal?.throwIfAborted();
    try {
      return await attempt({ number, reached: budget.reached });
    } catch (error) {
      signal?.throwIfAborted();
      const delayMs = budget.spend(error);
      if (delayMs === undefined || !isLibraryError(error)) throw error;
      const { method, url, code, status } = error;
      logger.info?.("trying again", { method, url, code, status, delayMs: Math.round(delayMs) });
      onRetry?.(error);
      await retry.pause(delayMs, signal);
    }
  }
}

interface Budget {
  /** Returns how long to wait after this error, in milliseconds, or undefined to give up. */
  readonly spend: (error: unknown) => number | undefined;
  readonly reached: (bytes: number) => void;
}

function createBudget(policy: RetryPolicy): Budget {
  let failures = 0;
  let refilledAt = 0;
  return {
    reached(bytes) {
      if (bytes < refilledAt + REFILL_BYTES) return;
      refilledAt = bytes;
      failures = 0;
    },
    spend(error) {
      failures += 1;
      if (!isLibraryError(error) || !error.retryable) return undefined;
      if (failures >= policy.maxAttempts) return undefined;
      const asked = error.retryAfterMs ?? 0;
      if (asked > policy.maxRetryAfterMs) return undefined;
      const ceiling = Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** (failures - 1));
      // Full jitter, so that clients that failed together do not return together, even after a
      // pause that the server asked all of them for.
      return asked + policy.random() * ceiling;
    },
  };
}

/** Resolves after a delay in milliseconds, or rejects with the signal's reason once it aborts. */
export function pause(delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      stopListening();
      resolve();
    }, delayMs);
    const stopListening = onAbort(signal, () => {
      clearTimeout(timer);
      reject(signal?.reason);
    });
  });
}
