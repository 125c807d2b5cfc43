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
    const settle = () => signal.removeEventListener("abort", abort);
    promise.finally(settle).then((value) => {
      if (!signal.aborted) return resolve(value);
      return discard(value);
    }, reject);
  });
}
