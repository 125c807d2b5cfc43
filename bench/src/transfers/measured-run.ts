import { execFile } from "node:child_process";

/** What one run of a program took. */
export interface MeasuredRun {
  /** From start to end of the process. */
  readonly wallMs: number;
  /**
   * Of all processors, for the process and the children it waited for; what the kernel does for its
   * sockets and files included.
   */
  readonly processorMs: number;
  /** The largest resident set among them. */
  readonly peakRssBytes: number;
  /** The end of what it printed. */
  readonly output: string;
}

/** A program to measure. */
export interface MeasuredProgram {
  readonly command: string;
  readonly args: readonly string[];
  /** Added to an otherwise nearly empty environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Where programs are measured. */
export interface Bench {
  /** Path of the program that measures. */
  readonly measure: string;
  /** What stands before every command line: nothing, or what takes it into a network namespace. */
  readonly prefix: readonly string[];
  /** Home of all programs: no configuration of the user's is read. */
  readonly home: string;
  readonly signal: AbortSignal;
}

/**
 * Runs a program once.
 *
 * @throws when it fails
 */
export async function measureRun(
  { measure, prefix, home, signal }: Bench,
  { command, args, env = {} }: MeasuredProgram,
): Promise<MeasuredRun> {
  const [first = measure, ...rest] = [...prefix, measure, command, ...args];
  const report = await new Promise<string>((resolve, reject) => {
    const environment = { ...benchEnvironment(home), ...env };
    execFile(first, rest, { env: environment, signal }, (error, stdout) => {
      if (error === null) resolve(stdout);
      else reject(error);
    });
  });
  const { status, errors, ...run }: MeasuredRun & Ending = JSON.parse(report);
  if (status !== 0) throw new Error(`${command} failed with ${status}: ${errors}${run.output}`);
  return run;
}

interface Ending {
  readonly status: number;
  readonly errors: string;
}

/**
 * What every program finds in its environment: no proxies, no settings of whoever runs the
 * benchmark.
 */
export function benchEnvironment(home: string): Record<string, string> {
  return { PATH: process.env["PATH"] ?? "", HOME: home, LANG: "C.UTF-8" };
}
