import { spawnSync } from "node:child_process";

/** How long one run of a program took. */
export interface TimedRun {
  /** From start to end of the process. */
  readonly wallMs: number;
  /** What the program itself says of its work, without its start; `null` if it says nothing. */
  readonly work: TimedWork | null;
}

/** How long work took. */
export interface TimedWork {
  readonly wallMs: number;
  /** Of all processors together; other programs that run beside it change it little. */
  readonly processorMs: number;
}

/** A program and what it is given. */
export interface TimedProgram {
  readonly command: string;
  readonly args: readonly string[];
  /** Standard input. */
  readonly input?: string;
  /** Environment; this process's by default. */
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * Runs a program once. It may print `{"seconds": …, "processorSeconds": …}`, what its work took, as
 * its last line.
 *
 * @throws when it fails
 */
export function timeProcess({ command, args, input = "", env }: TimedProgram): TimedRun {
  const start = performance.now();
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    input,
    env: env ?? process.env,
    encoding: "utf8",
  });
  const wallMs = performance.now() - start;
  if (status !== 0) throw new Error(`${command} failed: ${stderr}`, { cause: error });
  const line = stdout.trimEnd().split("\n").at(-1) ?? "";
  return { wallMs, work: line.startsWith("{") ? timedWork(JSON.parse(line)) : null };
}

interface Report {
  readonly error?: string;
  readonly seconds: number;
  readonly processorSeconds: number;
}

function timedWork({ error = "", seconds, processorSeconds }: Report): TimedWork {
  if (error !== "") throw new Error(`the program reported: ${error}`);
  return { wallMs: seconds * 1000, processorMs: processorSeconds * 1000 };
}
