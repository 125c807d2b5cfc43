import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const GO_PROGRAM = fileURLToPath(new URL("../go/sif", import.meta.url));
const OUTPUT_LIMIT_BYTES = 64 * 2 ** 20;
const RUN_TIMEOUT_MS = 240_000;

/** Whether this machine has a `go` command. */
export const HAS_GO = spawnSync("go", ["version"]).status === 0;

/** Whether this machine has Debian's `siftool`. */
export const HAS_SIFTOOL = spawnSync("siftool", ["version"]).status === 0;

/** Added to a test's name where it cannot run, so that the report says so. */
export const GO_SKIPPED = HAS_GO ? "" : " (SKIPPED: no go)";

/** The same for tests that need Debian's `siftool`. */
export const SIFTOOL_SKIPPED = HAS_SIFTOOL ? "" : " (SKIPPED: no siftool)";

/**
 * A `siftool`: runs one of its commands and returns its output; throws with its error if it fails.
 */
export type Siftool = (...args: readonly string[]) => Buffer;

/** Debian's `siftool`. */
export const debianSiftool: Siftool = (...args) => printed(run("siftool", args));

/** One line of input for the program in `interop/go/sif`; its Go types document the fields. */
export interface GoRequest {
  readonly do: "apply" | "sign" | "verify";
  readonly image: string;
  readonly operations?: readonly object[];
  readonly pgp?: readonly string[];
  readonly keys?: readonly string[];
  readonly groups?: readonly number[];
  readonly objects?: readonly number[];
  readonly mode?: string;
  readonly time?: number;
}

/** A result of the reference implementation. */
export interface GoResult {
  /** Empty on success. */
  readonly error: string;
  /** The error of every operation, empty on success. */
  readonly errors?: readonly string[];
}

/** The reference implementation, in the version of `interop/go/sif/go.mod`. */
export interface GoSif {
  /** Returns the results of all requests, from one run of the program. */
  readonly ask: (requests: readonly GoRequest[]) => readonly GoResult[];
  /** Its `siftool`. */
  readonly siftool: Siftool;
}

/** Builds the program in `interop/go/sif` into a folder. */
export function buildGoSif(into: string): GoSif {
  const program = join(into, "go-sif");
  const build = spawnSync("go", ["build", "-o", program, "."], { cwd: GO_PROGRAM });
  if (build.status !== 0) throw new Error(`building the program: ${build.stderr.toString()}`);
  return {
    siftool: (...args) => printed(run(program, ["siftool", ...args])),
    ask(requests) {
      const input = requests.map((request) => JSON.stringify(request)).join("\n");
      const lines = printed(run(program, [], input))
        .toString()
        .trimEnd()
        .split("\n");
      if (lines.length !== requests.length) throw new Error("the program skipped requests");
      return lines.map((line): GoResult => JSON.parse(line));
    },
  };
}

function run(program: string, args: readonly string[], input = ""): SpawnSyncReturns<Buffer> {
  const limits = { maxBuffer: OUTPUT_LIMIT_BYTES, timeout: RUN_TIMEOUT_MS };
  return spawnSync(program, args, { ...limits, input });
}

function printed({ status, stdout, stderr, error }: SpawnSyncReturns<Buffer>): Buffer {
  if (status === 0) return stdout;
  throw new Error(`the program failed (${status}): ${stderr?.toString()}`, { cause: error });
}
