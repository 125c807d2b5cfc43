import { isLibraryError } from "../errors.js";

/** How a request that may be repeated is tried again. */
export interface RetryPolicy {
  /** Tries in all, the first included. */
  readonly maxAttempts: number;
  /** Longest pause before the second try, in milliseconds; doubles with each further one. The pause is drawn at random below it. */
  readonly baseDelayMs: number;
  /** Longest pause, in milliseconds. A library that asks for more with `Retry-After` is not asked again. */
  readonly maxDelayMs: number;
}

/** Enough to outlast the restart of a server behind a load balancer, short enough for a user who waits. */
export const DEFAULT_RETRY: RetryPolicy = Object.freeze({
  maxAttempts: 4,
  baseDelayMs: 250,
  maxDelayMs: 4_000,
});

/** What `attempt` resolves with, tried again by `policy` after faults that may pass. Rejects with the last fault. */
export async function withRetries<T>(
  policy: RetryPolicy,
  signal: AbortSignal | undefined,
  attempt: () => Promise<T>,
): Promise<T> {
  for (let attempts = 1; ; attempts++) {
    try {
      return await attempt();
    } catch (error) {
      const delayMs = delayBefore(error, attempts, policy);
      if (delayMs === undefined) throw error;
      await pause(delayMs, signal);
    }
  }
}

function delayBefore(error: unknown, attempts: number, policy: RetryPolicy): number | undefined {
  if (!isLibraryError(error) || !error.retryable || attempts >= policy.maxAttempts)
    return undefined;
  const asked = error.retryAfterMs ?? 0;
  if (asked > policy.maxDelayMs) return undefined;
  const ceiling = Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** (attempts - 1));
  // Full jitter, so that clients that failed together do not come back together.
  return Math.max(asked, Math.random() * ceiling);
}

function pause(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, delayMs);
    signal?.addEventListener("abort", stop, { once: true });
  });
}
