import { type Spread, spreadOf } from "./spread.js";
import { timeProcess, type TimedProgram, type TimedRun } from "./timed-process.js";

/** A task that both sides perform. */
export interface Comparison {
  readonly name: string;
  readonly ours: TimedProgram;
  /** Name of the other side in the report. */
  readonly peer: string;
  readonly theirs: TimedProgram;
}

/** Milliseconds of both sides, and ours divided by theirs: below 1 we are faster. */
export interface Times {
  readonly ours: Spread;
  readonly theirs: Spread;
  readonly ratio: Spread;
}

/** Result of a comparison. */
export interface Compared {
  readonly name: string;
  readonly peer: string;
  /** Wall-clock time of the work alone; `null` if a side does not report it. */
  readonly work: Times | null;
  /** Processor time of the work alone; `null` if a side does not report it. */
  readonly processor: Times | null;
  /** Wall-clock time of whole processes, including their start. */
  readonly process: Times;
}

/**
 * Runs both sides in turns, so that other load on the machine affects both. One warm-up run does
 * not count.
 */
export function compare({ name, ours, peer, theirs }: Comparison, rounds: number): Compared {
  timeProcess(ours);
  timeProcess(theirs);
  const pairs = Array.from({ length: rounds }, (_, round): Pair => {
    // The order alternates, so that neither side always runs after the other.
    const isOursFirst = round % 2 === 0;
    const first = timeProcess(isOursFirst ? ours : theirs);
    const second = timeProcess(isOursFirst ? theirs : ours);
    return isOursFirst ? { ours: first, theirs: second } : { ours: second, theirs: first };
  });
  return {
    name,
    peer,
    work: timesOf(pairs, ({ work }) => work?.wallMs),
    processor: timesOf(pairs, ({ work }) => work?.processorMs),
    process: requireTimes(timesOf(pairs, ({ wallMs }) => wallMs)),
  };
}

interface Pair {
  readonly ours: TimedRun;
  readonly theirs: TimedRun;
}

function timesOf(pairs: readonly Pair[], ms: (run: TimedRun) => number | undefined): Times | null {
  const ours = pairs.flatMap((pair) => ms(pair.ours) ?? []);
  const theirs = pairs.flatMap((pair) => ms(pair.theirs) ?? []);
  if (ours.length !== pairs.length || theirs.length !== pairs.length) return null;
  const ratios = ours.map((value, index) => value / (theirs[index] ?? Number.NaN));
  return { ours: spreadOf(ours), theirs: spreadOf(theirs), ratio: spreadOf(ratios) };
}

function requireTimes(times: Times | null): Times {
  if (times === null) throw new Error("nothing was measured");
  return times;
}
