import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Finding, FuzzLimits, InputRange, RunReport } from "./run-inputs.js";

/** How the processes of a run are started and supervised. */
export interface Supervision {
  /** Path of the bundled program. */
  readonly child: string;
  /** Paths of images to start from. */
  readonly images: readonly string[];
  readonly limits: FuzzLimits;
  /** Limit of the V8 heap of a process, in megabytes. */
  readonly maxHeapMegabytes: number;
  /** Most time for an input before its process is killed, in milliseconds. */
  readonly hangMs: number;
}

/** Most times that a range is resumed after its process died. */
const MAX_DEATHS = 10;
const POLL_MS = 250;

/**
 * Tries the inputs of a range in a separate process. If it dies or hangs, that is a finding, and a
 * new process continues after the input that caused it.
 */
export async function superviseRange(
  range: InputRange,
  supervision: Supervision,
): Promise<RunReport> {
  const folder = mkdtempSync(join(tmpdir(), "sif-fuzz-"));
  try {
    const reports: RunReport[] = [];
    let from = range.from;
    for (let deaths = 0; from < range.to && deaths < MAX_DEATHS; deaths += 1) {
      const report = await runChild({ ...range, from }, supervision, join(folder, "index"));
      reports.push(report);
      from += report.inputs;
    }
    return mergedReports(reports);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runChild(
  range: InputRange,
  { child, images, limits, maxHeapMegabytes, hangMs }: Supervision,
  progress: string,
): Promise<RunReport> {
  writeFileSync(progress, "");
  const plan = JSON.stringify({ range, limits });
  const process = fork(child, [plan, progress, ...images], {
    execArgv: [`--max-old-space-size=${maxHeapMegabytes}`],
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  let report: RunReport | null = null;
  let errors = "";
  process.on("message", (message: RunReport) => {
    report = message;
  });
  process.stderr?.on("data", (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-2000);
  });
  const hung = await watch(process, progress, hangMs);
  if (report !== null) return report;
  const index = Number(readFileSync(progress, "latin1").trim() || Number.NaN);
  if (Number.isNaN(index)) throw new Error(`a fuzzing process did not start: ${errors}`);
  const what = hung ? `hangs for ${hangMs} ms` : `the process dies: ${errors.trim()}`;
  return deathReport(range, { target: range.target, index, what });
}

/**
 * Resolves when the process has ended: with `true` if it was killed because an input took too long.
 */
async function watch(process: ChildProcess, progress: string, hangMs: number): Promise<boolean> {
  let hung = false;
  let last = "";
  let since = Date.now();
  const timer = setInterval(() => {
    const now = readFileSync(progress, "latin1");
    if (now !== last) {
      last = now;
      since = Date.now();
    } else if (Date.now() - since > hangMs) {
      hung = true;
      process.kill("SIGKILL");
    }
  }, POLL_MS);
  try {
    await new Promise<void>((resolve, reject) => {
      process.on("error", reject);
      process.on("close", () => {
        resolve();
      });
    });
  } finally {
    clearInterval(timer);
  }
  return hung;
}

function deathReport({ from }: InputRange, finding: Finding): RunReport {
  const inputs = finding.index - from + 1;
  return { inputs, outcomes: {}, findings: [finding], slowestMs: 0, peakRssBytes: 0 };
}

/** Merges the reports of several ranges. */
export function mergedReports(reports: readonly RunReport[]): RunReport {
  const outcomes: Record<string, number> = {};
  for (const report of reports) {
    for (const [outcome, count] of Object.entries(report.outcomes)) {
      outcomes[outcome] = (outcomes[outcome] ?? 0) + count;
    }
  }
  return {
    inputs: reports.reduce((sum, { inputs }) => sum + inputs, 0),
    outcomes,
    findings: reports.flatMap(({ findings }) => findings),
    slowestMs: Math.max(0, ...reports.map(({ slowestMs }) => slowestMs)),
    peakRssBytes: Math.max(0, ...reports.map(({ peakRssBytes }) => peakRssBytes)),
  };
}
