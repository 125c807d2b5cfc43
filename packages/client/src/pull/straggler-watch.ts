/** Finds transfers that are far slower than the others because of their connection or server. */
export interface StragglerWatch {
  /**
   * Adds a transfer. `restart` is called at most once, when the transfer turns out to be a
   * straggler.
   */
  readonly join: (restart: () => void) => WatchedTransfer;
  /** An interval has passed. Intervals are equal. */
  readonly tick: () => void;
}

/** A watched transfer. */
export interface WatchedTransfer {
  readonly advance: (bytes: number) => void;
  readonly leave: () => void;
}

interface Member {
  readonly restart: () => void;
  ticks: number;
  bytes: number;
  totalBytes: number;
  /** Bytes per tick, smoothed. */
  rate: number;
}

/** Ticks before a transfer is judged, because connections start slowly. */
const GRACE_TICKS = 10;

/** A straggler is this many times slower than usual. */
const SLOWER_BY = 8;

/** Weight of the newest tick in a smoothed rate. */
const NEWEST = 0.3;

/** Creates a watch over transfers from one place, which should be about equally fast. */
export function createStragglerWatch(): StragglerWatch {
  const members = new Set<Member>();
  let usualRate = 0;
  return {
    join(restart) {
      const member: Member = { restart, ticks: 0, bytes: 0, totalBytes: 0, rate: 0 };
      members.add(member);
      return {
        advance(bytes) {
          member.bytes += bytes;
          member.totalBytes += bytes;
        },
        leave() {
          members.delete(member);
          // Where all but one finish before they can be judged, they define the usual rate.
          if (usualRate === 0) usualRate = member.totalBytes / (member.ticks + 1);
        },
      };
    },
    tick() {
      for (const member of members) measure(member);
      const judged = [...members].filter(({ ticks }) => ticks >= GRACE_TICKS);
      const rates = judged.map(({ rate }) => rate).toSorted((a, b) => a - b);
      // Among several, the faster half defines the usual rate; the last one is compared with the
      // rate before.
      if (rates.length > 1) usualRate = rates[Math.floor(rates.length / 2)] ?? usualRate;
      for (const member of judged.filter(({ rate }) => rate * SLOWER_BY < usualRate)) {
        members.delete(member);
        member.restart();
      }
    },
  };
}

function measure(member: Member): void {
  member.ticks += 1;
  member.rate =
    member.ticks === 1 ? member.bytes : member.rate * (1 - NEWEST) + member.bytes * NEWEST;
  member.bytes = 0;
}
