import { type Spread, spreadOf } from "../spread.js";
import type { MeasuredRun } from "./measured-run.js";

/** One of several programs for the same task. */
export interface Contender {
  readonly name: string;
  /** Performs the task once: prepares, measures, checks the result and removes it. */
  readonly run: () => Promise<MeasuredRun>;
}

/** Measurements of a contender. */
export interface ContenderResult {
  readonly name: string;
  readonly wallMs: Spread;
  /** Processor seconds per GiB. */
  readonly processorSecondsPerGib: Spread;
  readonly peakRssBytes: Spread;
  /** Our wall-clock time divided by theirs, round by round: below 1 we are faster. */
  readonly ratio: Spread;
}

/**
 * Runs the contenders in turns, of which the first is ours. Each round begins with another one; the
 * first `warmups` rounds do not count.
 */
export async function compete(
  contenders: readonly Contender[],
  { rounds, warmups, bytes }: { rounds: number; warmups: number; bytes: number },
): Promise<ContenderResult[]> {
  const runs = new Map<string, MeasuredRun[]>(contenders.map(({ name }) => [name, []]));
  for (let round = -warmups; round < rounds; round++) {
    const start = (round + warmups) % contenders.length;
    for (const { name, run } of [...contenders.slice(start), ...contenders.slice(0, start)]) {
      const measured = await run();
      console.log(`  ${name}: ${runText(measured)}${round < 0 ? " (does not count)" : ""}`);
      if (round >= 0) runs.get(name)?.push(measured);
    }
  }
  const ours = runs.get(contenders[0]?.name ?? "") ?? [];
  return contenders.map(({ name }) => resultOf(name, runs.get(name) ?? [], { ours, bytes }));
}

function resultOf(
  name: string,
  runs: readonly MeasuredRun[],
  { ours, bytes }: { ours: readonly MeasuredRun[]; bytes: number },
): ContenderResult {
  const gib = bytes / 2 ** 30;
  return {
    name,
    wallMs: spreadOf(runs.map(({ wallMs }) => wallMs)),
    processorSecondsPerGib: spreadOf(runs.map(({ processorMs }) => processorMs / 1000 / gib)),
    peakRssBytes: spreadOf(runs.map(({ peakRssBytes }) => peakRssBytes)),
    ratio: spreadOf(ours.map(({ wallMs }, round) => wallMs / (runs[round]?.wallMs ?? Number.NaN))),
  };
}

function runText({ wallMs, processorMs, peakRssBytes }: MeasuredRun): string {
  const mebibytes = Math.round(peakRssBytes / 2 ** 20);
  return `${seconds(wallMs)}, processors ${seconds(processorMs)}, ${mebibytes} MiB`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}
