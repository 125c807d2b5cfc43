/** A number of parallel parts that adapts to the link. */
export interface AdaptiveLimit {
  /** Parts that may run now. */
  readonly value: number;
  /** Reports the bytes that arrived since the last call. Calls come at equal intervals. */
  readonly sample: (bytes: number) => void;
  /**
   * Halves the number, because the other side is overloaded or broke connections. At most once
   * between two samples.
   */
  readonly halve: () => void;
  /** Called whenever the value rises. */
  onRaise: () => void;
}

/** Bounds of a limit, both at least 1. */
export interface AdaptiveLimitRange {
  readonly start: number;
  readonly maximum: number;
}

/** Throughput has to grow by this factor for more parts to be tried. */
const WORTHWHILE = 1.05;

/** Parts added at a time. */
const STEP = 2;

/**
 * Creates a limit that rises by a step while the throughput rises with it, and halves on request.
 */
export function createAdaptiveLimit({ start, maximum }: AdaptiveLimitRange): AdaptiveLimit {
  let value = Math.min(start, maximum);
  let before = 0;
  let wasHalved = false;
  const limit: AdaptiveLimit = {
    get value() {
      return value;
    },
    sample(bytes) {
      const isWorthwhile = bytes > 0 && bytes >= before * WORTHWHILE;
      const mayRise = isWorthwhile && !wasHalved && value < maximum;
      before = wasHalved ? 0 : Math.max(bytes, isWorthwhile ? 0 : before);
      wasHalved = false;
      if (!mayRise) return;
      value = Math.min(maximum, value + STEP);
      limit.onRaise();
    },
    halve() {
      if (wasHalved) return;
      wasHalved = true;
      value = Math.max(1, Math.floor(value / 2));
    },
    onRaise: () => {},
  };
  return limit;
}
