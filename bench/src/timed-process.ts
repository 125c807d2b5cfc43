import { spawnSync } from "node:child_process";

/** Duration of one run of a program. */
export interface TimedRun {
  /** From start to end of the process. */
  readonly wallMs: number;
  /** The program's own report of its work, without its start; `null` if it prints none. */
  readonly work: TimedWork | null;
}

/** Duration of work. */
export interface TimedWork {
  readonly wallMs: number;
  /** Sum over all processors; other running programs affect it little. */
  readonly processorMs: number;
}

/** A program and its inputs. */
export interface TimedProgram {
  readonly command: string;
  readonly args: readonly string[];
  /** Standard input. */
  readonly input?: string;
  /** Environment (default: that of this process). */
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * Runs a program once. Its last line may be `{"seconds": …, "processorSeconds": …}`, the duration
 * of its work.
 *
 * @throws if it fails
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
