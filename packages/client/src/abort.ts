/**
 * Settles as `promise` does, or rejects with the signal's reason once it aborts, whatever `promise` does then. What
 * arrives too late goes to `discard`.
 */
export function untilAborted<T>(
  promise: Promise<T>,
  signal: AbortSignal,
  discard: (value: T) => void = () => {},
): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
    const settle = (outcome: () => void) => {
      signal.removeEventListener("abort", abort);
      outcome();
    };
    const succeed = (value: T) => {
      if (!signal.aborted) return resolve(value);
      abort();
      return discard(value);
    };
    promise.then(
      (value) => settle(() => succeed(value)),
      (error: unknown) => settle(() => reject(error)),
    );
  });
}
