/** A position that only moves forward and can be waited for. */
export interface WatchedPosition {
  readonly value: number;
  readonly moveTo: (position: number) => void;
  /** Resolves once the position is at least `offset`. Rejects once it has failed. */
  readonly reached: (offset: number) => Promise<void>;
  /** The position will not move any more. */
  readonly fail: (error: unknown) => void;
  /** Throws the error passed to {@link fail}, if any. */
  readonly throwIfFailed: () => void;
}

interface Waiter {
  readonly offset: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Creates a position at 0. */
export function createWatchedPosition(): WatchedPosition {
  const waiters = new Set<Waiter>();
  let value = 0;
  let failure: { error: unknown } | undefined;
  return {
    get value() {
      return value;
    },
    moveTo(position) {
      value = position;
      for (const waiter of waiters) {
        if (waiter.offset > value) continue;
        waiters.delete(waiter);
        waiter.resolve();
      }
    },
    reached: (offset) =>
      new Promise((resolve, reject) => {
        if (failure !== undefined) reject(failure.error);
        else if (offset <= value) resolve();
        else waiters.add({ offset, resolve, reject });
      }),
    fail(error) {
      failure ??= { error };
      for (const { reject } of waiters) reject(error);
      waiters.clear();
    },
    throwIfFailed() {
      if (failure !== undefined) throw failure.error;
    },
  };
}
