import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import type { BenchImage } from "./bench-image.js";
import type { BenchLibrary } from "./bench-library.js";
import type { BenchNginx } from "./bench-nginx.js";
import type { Contender } from "./contenders.js";
import { containerPath } from "./library-calls.js";
import { type Bench, type MeasuredProgram, measureRun } from "./measured-run.js";

/** Our built command line. */
export const OUR_CLI = fileURLToPath(
  new URL("../../../packages/cli/bin/sifshelf.js", import.meta.url),
);

/** The tag of the images that are pulled. */
export const PULL_CONTAINER = "pulled";

/** Inputs of a pull. */
export interface PullTask {
  readonly bench: Bench;
  readonly library: BenchLibrary;
  /** Serves the same files; absent where nginx is not installed. */
  readonly nginx: BenchNginx | undefined;
  readonly goClient: string;
  readonly hasAria2: boolean;
  /**
   * Whether the sync of a file takes enough of the time to deserve a row; over a slow link it does
   * not.
   */
  readonly isDiskLimited: boolean;
  readonly image: BenchImage;
  /** Where the pulled file is written. */
  readonly output: string;
}

/** Defaults of the tool that is built on the Go client: parts at a time, and their size. */
const GO_PARTS = ["3", String(5 * 2 ** 20)] as const;

/** Returns all contenders for pulls, ours first. */
export function pullContenders(task: PullTask): Contender[] {
  const { library, image, nginx, hasAria2 } = task;
  const reference = `${containerPath(PULL_CONTAINER)}:${tagOf(image)}`;
  const direct = `${library.url}/v1/imagefile/${reference}?arch=amd64`;
  const entries: [string, MeasuredProgram][] = [
    ["sifshelf pull (verifies, syncs)", ourPull(task, reference)],
    ["Go client", goPull(task)],
    ["curl", curlPull(task, direct)],
    ...(task.isDiskLimited ? [named("curl, then sync", curlPullThen("sync", task, direct))] : []),
    ["curl, then sha256sum and sync", curlPullThen("sha256sum", task, direct)],
    ...(hasAria2 ? [named("aria2c -x16 -s16", ariaPull(task, direct))] : []),
  ];
  if (nginx !== undefined) {
    const url = `${nginx.url}/${image.name}`;
    entries.push(["curl from nginx", curlPull(task, url)]);
    if (hasAria2) entries.push(["aria2c -x16 -s16 from nginx", ariaPull(task, url)]);
  }
  return entries.map(([name, program]) => ({ name, run: () => pullOnce(task, program) }));
}

/** The tag under which an image is pulled. */
export function tagOf({ name }: BenchImage): string {
  return name.replace(".sif", "");
}

function named(name: string, program: MeasuredProgram): [string, MeasuredProgram] {
  return [name, program];
}

async function pullOnce({ bench, image, output }: PullTask, program: MeasuredProgram) {
  try {
    const run = await measureRun(bench, program);
    // Compare the bytes first: wrong bytes do not count as a result.
    await promisify(execFile)("cmp", [image.path, output], { signal: bench.signal });
    return run;
  } finally {
    await rm(output, { force: true });
    await rm(`${output}.aria2`, { force: true });
    // Writes that one run left pending must not slow down the next.
    await promisify(execFile)("sync");
  }
}

/** Our command line's pull of a ref into the task's file. */
export function ourPull(
  { library, output }: Pick<PullTask, "library" | "output">,
  reference: string,
): MeasuredProgram {
  const target = ["--library", library.url, "--arch", "amd64", "--output", output];
  const args = [OUR_CLI, "pull", "--quiet", ...target, reference];
  return { command: process.execPath, args, env: { SIFSHELF_TOKEN: library.token } };
}

function goPull({ library, goClient, image, output }: PullTask): MeasuredProgram {
  const connection = ["--url", library.url, "--token", library.token];
  const what = [containerPath(PULL_CONTAINER), tagOf(image), "amd64", output];
  return { command: goClient, args: [...connection, "pull-concurrent", ...what, ...GO_PARTS] };
}

function curlPull({ output }: PullTask, url: string): MeasuredProgram {
  return { command: "curl", args: ["-sS", "--fail", "-L", "-o", output, url] };
}

/** The commands of careful users; `sha256sum` includes a sync. */
function curlPullThen(
  check: "sync" | "sha256sum",
  { output }: PullTask,
  url: string,
): MeasuredProgram {
  const checked = check === "sync" ? "" : '&& sha256sum "$1" ';
  const script = `curl -sS --fail -L -o "$1" "$2" ${checked}&& sync "$1"`;
  return { command: "sh", args: ["-c", script, "sh", output, url] };
}

function ariaPull({ output }: PullTask, url: string): MeasuredProgram {
  const place = ["--dir", dirname(output), "--out", basename(output)];
  return { command: "aria2c", args: ["--no-conf", "--quiet", "-x16", "-s16", ...place, url] };
}
