import { execFile, spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const GO_FOLDER = fileURLToPath(new URL("../go/", import.meta.url));
const OUTPUT_LIMIT_BYTES = 64 * 2 ** 20;
const RUN_TIMEOUT_MS = 120_000;

/** Whether this machine has a `go` command. */
export const HAS_GO = spawnSync("go", ["version"]).status === 0;

/** The tested versions; each names a folder under `interop/go`. */
export const GO_VERSIONS = [
  { version: "1.0.5", hasConcurrentPull: false },
  { version: "1.3.5", hasConcurrentPull: true },
  { version: "1.4", hasConcurrentPull: true },
] as const;

/** Added to a test's name where it cannot run, so that the report says so. */
export const GO_SKIPPED = HAS_GO ? "" : " (SKIPPED: no go)";

/** One HTTP exchange as the Go client's transport saw it. */
export interface SeenRequest {
  readonly method: string;
  /** Path without the query. */
  readonly path: string;
  readonly range?: string;
  /** The scheme of the Authorization header, absent without one. */
  readonly authorization?: string;
  readonly status: number;
}

/** Outcome of a run of the driver. */
export interface GoReport {
  /** The result of the client's function, with the keys of the wire. */
  readonly result: unknown;
  /** The client's error, `null` on success. */
  readonly error: {
    readonly text: string;
    /** Go types, outermost first. */
    readonly types: readonly string[];
    /** Whether it is the client's `ErrNotFound`. */
    readonly isNotFound: boolean;
  } | null;
  readonly requests: readonly SeenRequest[];
  /** The client's log. */
  readonly log: readonly string[];
}

/** Runs one operation of a Go client, given the command's name and arguments. */
export type GoDriver = (token: string, ...command: readonly string[]) => Promise<GoReport>;

/**
 * Builds the driver of a version (its folder under `interop/go`) into `into`, for the library at
 * `url`.
 */
export async function buildGoDriver(
  version: string,
  into: string,
): Promise<(url: string) => GoDriver> {
  const program = join(into, `driver-${version}`);
  const cwd = join(GO_FOLDER, `client-${version}`);
  await promisify(execFile)("go", ["build", "-o", program, "."], { cwd });
  return (url) =>
    async (token, ...command) =>
      await run(program, ["--url", url, "--token", token, ...command]);
}

async function run(program: string, args: readonly string[]): Promise<GoReport> {
  return await new Promise((resolve, reject) => {
    const limits = { maxBuffer: OUTPUT_LIMIT_BYTES, timeout: RUN_TIMEOUT_MS };
    execFile(program, args, limits, (failure, stdout, stderr) => {
      // Status 1 is a failure that the client reported; any other one is a panic or wrong usage.
      if (failure === null || failure.code === 1) resolve(JSON.parse(stdout));
      else reject(new Error(`the Go client crashed: ${stderr}`, { cause: failure }));
    });
  });
}

/** Returns the report if the client reported no error; otherwise throws with the whole report. */
export function succeeded(report: GoReport): GoReport {
  if (report.error === null) return report;
  throw new Error(`the Go client failed: ${JSON.stringify(report, undefined, 1)}`);
}
