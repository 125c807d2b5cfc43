import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { InputRange, RunReport } from "./run-inputs.js";
import { mergedReports, superviseRange, type Supervision } from "./supervise.js";
import { fuzzTargets } from "./targets.js";

/** Options of `npm run fuzz`. */
export interface FuzzOptions {
  readonly inputs: number;
  readonly seed: number;
  /** Names of targets. If empty: all that have a share. */
  readonly targets: readonly string[];
  /** Number of concurrent processes. */
  readonly jobs: number;
  /** Index of the first input, to repeat one. */
  readonly from: number;
  readonly hangMs: number;
}

const MEBIBYTE = 2 ** 20;
const LARGEST_IMAGE_BYTES = 128 * 1024;
/** Inputs per process, so a leak does not look like the memory of one input. */
const INPUTS_PER_PROCESS = 20_000;

/** Parses a command line. The default seed comes from the clock. */
export function parseFuzzOptions(args: readonly string[]): FuzzOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      inputs: { type: "string", default: "1000000" },
      seed: { type: "string", default: `${Date.now() % 2 ** 31}` },
      target: { type: "string", multiple: true, default: [] },
      jobs: { type: "string", default: "2" },
      from: { type: "string", default: "0" },
      "hang-ms": { type: "string", default: "20000" },
    },
  });
  const options = {
    inputs: Number(values.inputs),
    seed: Number(values.seed),
    targets: values.target,
    jobs: Number(values.jobs),
    from: Number(values.from),
    hangMs: Number(values["hang-ms"]),
  };
  const numbers = [options.inputs, options.jobs, options.hangMs, options.seed, options.from];
  if (!numbers.every((value) => Number.isSafeInteger(value) && value >= 0) || options.jobs === 0) {
    throw new Error("fuzz: every option but --target takes a whole number");
  }
  return options;
}

/** Runs `npm run fuzz` and returns the exit status: 1 if there are findings. */
export async function main(
  args: readonly string[],
  paths: { readonly child: string; readonly corpus: string },
): Promise<number> {
  const options = parseFuzzOptions(args);
  const images = corpusImages(paths.corpus);
  print(`seed ${options.seed}, ${options.inputs} inputs, ${images.length} images of the corpus\n`);
  const supervision: Supervision = {
    child: paths.child,
    images,
    limits: { maxRssBytes: 768 * MEBIBYTE, maxCpuMs: 5000 },
    maxHeapMegabytes: 256,
    hangMs: options.hangMs,
  };
  const ranges = await planRanges(options);
  const reports = new Map<string, RunReport[]>();
  const next = ranges.values();
  const work = async (): Promise<void> => {
    for (const range of next) {
      const report = await superviseRange(range, supervision);
      reports.set(range.target, [...(reports.get(range.target) ?? []), report]);
      for (const { target, index, what } of report.findings) {
        print(`FINDING --target ${target} --seed ${range.seed} --from ${index}: ${what}\n`);
      }
    }
  };
  await Promise.all(Array.from({ length: options.jobs }, work));
  return summarise(reports);
}

async function planRanges({ inputs, seed, targets, from }: FuzzOptions): Promise<InputRange[]> {
  const known = await fuzzTargets();
  const names = targets.length > 0 ? targets : Object.keys(known);
  const shareOf = (name: string): number => known[name]?.share ?? 0;
  const shares = names.reduce((sum, name) => sum + shareOf(name), 0);
  return names.flatMap((target) => {
    const part = shares === 0 ? 1 / names.length : shareOf(target) / shares;
    const end = from + Math.ceil(inputs * part);
    const ranges: InputRange[] = [];
    for (let start = from; start < end; start += INPUTS_PER_PROCESS) {
      ranges.push({ seed, target, from: start, to: Math.min(end, start + INPUTS_PER_PROCESS) });
    }
    return ranges;
  });
}

function corpusImages(folder: string): string[] {
  return ["reference", "derived"].flatMap((name) => {
    const path = join(folder, name);
    if (!existsSync(path)) return [];
    return readdirSync(path)
      .filter((file) => file.endsWith(".sif"))
      .toSorted()
      .map((file) => join(path, file))
      .filter((file) => statSync(file).size <= LARGEST_IMAGE_BYTES);
  });
}

function summarise(reports: ReadonlyMap<string, readonly RunReport[]>): number {
  for (const [target, parts] of reports) {
    const { inputs, outcomes, slowestMs, peakRssBytes } = mergedReports(parts);
    const memory = `${Math.round(peakRssBytes / MEBIBYTE)} MiB`;
    print(`${target}: ${inputs} inputs, slowest ${Math.round(slowestMs)} ms, at most ${memory}\n`);
    const counts = Object.entries(outcomes).toSorted(([, a], [, b]) => b - a);
    for (const [outcome, count] of counts) print(`  ${`${count}`.padStart(9)}  ${outcome}\n`);
  }
  const { inputs, findings } = mergedReports([...reports.values()].flat());
  print(`total: ${inputs} inputs, ${findings.length} findings\n`);
  return findings.length === 0 ? 0 : 1;
}

function print(text: string): void {
  process.stdout.write(text);
}
