/** A number of parts at a time that follows what the link gives. */
export interface AdaptiveLimit {
  /** Parts that may run now. */
  readonly value: number;
  /** So many bytes arrived since the last call; calls come at equal intervals. */
  readonly sample: (bytes: number) => void;
  /** The other side is overloaded or broke connections: half as many from now on, at most once between two samples. */
  readonly halve: () => void;
  /** Is called each time that the value rises. */
  onRaise: () => void;
}

/** Where a limit starts and ends; both at least 1. */
export interface AdaptiveLimitRange {
  readonly start: number;
  readonly maximum: number;
}

/** More parts are tried while this much more arrives than before. */
const WORTHWHILE = 1.05;

/** Parts that are added at a time. */
const STEP = 2;

/** A limit that rises by a step while the throughput rises with it, and is halved when told so. */
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
