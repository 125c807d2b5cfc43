import { onAbort } from "../abort.js";
import { isLibraryError } from "../errors.js";
import type { Logger } from "./logger.js";

/** How a request that may be repeated is tried again. */
export interface RetryPolicy {
  /** Tries without progress, the first included. */
  readonly maxAttempts: number;
  /** Longest pause before the second try, in milliseconds; doubles with each further one. The pause is drawn at random below it. */
  readonly baseDelayMs: number;
  /** Longest pause that is chosen here, in milliseconds. */
  readonly maxDelayMs: number;
  /** Longest pause that a library may ask for with `Retry-After`, in milliseconds; one that asks for more is not asked again. */
  readonly maxRetryAfterMs: number;
  /** A number from 0 up to 1, by default `Math.random`. */
  readonly random: () => number;
  /** Waits, and rejects with the signal's reason when it aborts; by default with a timer. */
  readonly pause: (delayMs: number, signal?: AbortSignal) => Promise<void>;
}

/** Enough to outlast the restart of a server behind a load balancer, short enough for a user who waits. */
export const DEFAULT_RETRY: RetryPolicy = Object.freeze({
  maxAttempts: 6,
  baseDelayMs: 250,
  maxDelayMs: 10_000,
  maxRetryAfterMs: 300_000,
  random: () => Math.random(),
  pause,
});

/** Work that comes this much further than it ever was has all its tries again, in bytes. */
export const REFILL_BYTES = 1024 * 1024;

/** One try. */
export interface Attempt {
  /** From 1 on, over all tries. */
  readonly number: number;
  /**
   * The work has come to this many bytes from its start. Tries are given back only for ground that no try has covered
   * before, so that work which always fails at the same place ends.
   */
  readonly reached: (bytes: number) => void;
}

/** What a retry needs to know; a `Connection` is one. */
export interface RetryContext {
  readonly retry: RetryPolicy;
  readonly logger: Logger;
  /** Is told of each fault that is followed by another try. */
  readonly onRetry?: ((error: Error) => void) | undefined;
}

/**
 * What `attempt` resolves with, tried again after faults that may pass. Give it only work that can be done twice.
 *
 * Rejects with the last fault, with the first one that cannot pass, and with the signal's reason.
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
  /** How long to wait after this fault, in milliseconds; undefined to give up. */
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
      // Full jitter, so that clients that failed together do not come back together; also after a pause that all
      // were asked for.
      return asked + policy.random() * ceiling;
    },
  };
}

/** Resolves after so many milliseconds, or rejects with the signal's reason once it aborts. */
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
