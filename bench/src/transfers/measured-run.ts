import { execFile } from "node:child_process";

/** Time and memory of one run of a program. */
export interface MeasuredRun {
  /** From start to end of the process. */
  readonly wallMs: number;
  /**
   * Sum over all processors, for the process and the children it waited for, including the kernel's
   * work for its sockets and files.
   */
  readonly processorMs: number;
  /** The largest resident set among them. */
  readonly peakRssBytes: number;
  /** The end of its output. */
  readonly output: string;
}

/** A program to measure. */
export interface MeasuredProgram {
  readonly command: string;
  readonly args: readonly string[];
  /** Added to an otherwise nearly empty environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The environment in which programs are measured. */
export interface Bench {
  /** Path of the measuring program. */
  readonly measure: string;
  /** Prefix of every command line: empty, or the command that enters a network namespace. */
  readonly prefix: readonly string[];
  /** Home of all programs, so that none reads the user's configuration. */
  readonly home: string;
  readonly signal: AbortSignal;
}

/**
 * Runs a program once.
 *
 * @throws if it fails
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
 * The environment of every program, without proxies and settings of the user who runs the
 * benchmark.
 */
export function benchEnvironment(home: string): Record<string, string> {
  return { PATH: process.env["PATH"] ?? "", HOME: home, LANG: "C.UTF-8" };
}
