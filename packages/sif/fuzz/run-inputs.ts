import { randomOf } from "./random.js";
import type { FuzzTarget } from "./targets.js";

/** The inputs to try: those of a seed and target, by index. */
export interface InputRange {
  readonly seed: number;
  readonly target: string;
  readonly from: number;
  /** Index after the last input. */
  readonly to: number;
}

/** Limits. Exceeding one is a finding. */
export interface FuzzLimits {
  /** Resident memory of the process, in bytes. */
  readonly maxRssBytes: number;
  /** Processor time of an input, in milliseconds. */
  readonly maxCpuMs: number;
}

/** An input that caused something that no input may cause. */
export interface Finding {
  readonly target: string;
  readonly index: number;
  readonly what: string;
}

/** The result of a range of inputs. */
export interface RunReport {
  /** Number of inputs tried. */
  readonly inputs: number;
  /** Number of inputs, by outcome. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly findings: readonly Finding[];
  /** Most processor time of an input, in milliseconds. */
  readonly slowestMs: number;
  readonly peakRssBytes: number;
}

/** Most findings to keep per range: one bug is often hit many times. */
const MAX_FINDINGS = 20;

/** Tries the inputs of a range. `starting` is called with each index before its input is tried. */
export async function runInputs(
  target: FuzzTarget,
  range: InputRange,
  limits: FuzzLimits,
  starting: (index: number) => void = () => undefined,
): Promise<RunReport> {
  const outcomes = new Map<string, number>();
  const findings: Finding[] = [];
  let slowestMs = 0;
  let peakRssBytes = 0;
  let index = range.from;
  for (; index < range.to && findings.length < MAX_FINDINGS; index += 1) {
    const found = (what: string) => findings.push({ target: range.target, index, what });
    const input = await target.input(randomOf(range.seed, range.target, index));
    starting(index);
    const before = process.cpuUsage();
    try {
      const outcome = await target.run(input);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    } catch (error) {
      found(error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
    const { user, system } = process.cpuUsage(before);
    const ms = (user + system) / 1000;
    slowestMs = Math.max(slowestMs, ms);
    if (ms > limits.maxCpuMs) found(`takes ${Math.round(ms)} ms of processor time`);
    const rss = process.memoryUsage.rss();
    peakRssBytes = Math.max(peakRssBytes, rss);
    if (rss > limits.maxRssBytes) {
      found(`the process has ${Math.round(rss / 2 ** 20)} MiB`);
      index += 1;
      break;
    }
  }
  const inputs = index - range.from;
  return { inputs, outcomes: Object.fromEntries(outcomes), findings, slowestMs, peakRssBytes };
}
