/** Finds transfers that are far slower than those beside them, because their connection or server is. */
export interface StragglerWatch {
  /** A transfer begins; `restart` is called at most once, when it is found to be a straggler. */
  readonly join: (restart: () => void) => WatchedTransfer;
  /** An interval has passed; intervals are equally long. */
  readonly tick: () => void;
}

/** A transfer that is watched. */
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

/** A transfer is not judged before it was seen for this many ticks: connections start slowly. */
const GRACE_TICKS = 10;

/** A straggler is this many times as slow as is usual. */
const SLOWER_BY = 8;

/** Weight of the newest tick in a smoothed rate. */
const NEWEST = 0.3;

/** A watch over transfers from one place, which could be about equally fast. */
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
          // Where all but one are done before they can be judged, it is these that tell what is usual.
          if (usualRate === 0) usualRate = member.totalBytes / (member.ticks + 1);
        },
      };
    },
    tick() {
      for (const member of members) measure(member);
      const judged = [...members].filter(({ ticks }) => ticks >= GRACE_TICKS);
      const rates = judged.map(({ rate }) => rate).toSorted((a, b) => a - b);
      // Of several, the faster half tells what is usual now; the last one is compared with what was.
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
