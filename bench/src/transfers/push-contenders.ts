import { execFile } from "node:child_process";
import { promisify } from "node:util";

import { type BenchImage, renewImage } from "./bench-image.js";
import type { BenchLibrary } from "./bench-library.js";
import type { Contender } from "./contenders.js";
import { containerPath, type LibraryCalls } from "./library-calls.js";
import { type Bench, type MeasuredProgram, measureRun } from "./measured-run.js";
import { OUR_CLI } from "./pull-contenders.js";

/** Inputs of a push. */
export interface PushTask {
  readonly bench: Bench;
  readonly library: BenchLibrary;
  readonly calls: LibraryCalls;
  readonly goClient: string;
  readonly image: BenchImage;
}

const CONTAINER = "pushed";
const TAG = "latest";

/**
 * Returns all contenders for pushes, ours first. Each push is of an image that is new to the
 * library.
 */
export function pushContenders(task: PushTask): Contender[] {
  return [
    { name: "sifshelf push", run: () => pushOnce(task, async () => ourPush(task, CONTAINER, TAG)) },
    { name: "Go client", run: () => pushOnce(task, async () => goPush(task)) },
    { name: "curl -T (hash known)", run: () => pushOnce(task, () => curlPush(task)) },
  ];
}

async function pushOnce(task: PushTask, prepare: () => Promise<MeasuredProgram>) {
  const { bench, calls, image } = task;
  await renewImage(image);
  const program = await prepare();
  await promisify(execFile)("sync");
  const run = await measureRun(bench, program);
  // Fails if the library does not have it.
  await calls.deleteImage(CONTAINER, image.sha256);
  await promisify(execFile)("sync");
  return run;
}

/** Our command line's push of an image into one of the benchmark's containers. */
export function ourPush(
  { library, image }: Pick<PushTask, "library" | "image">,
  container: string,
  tag: string,
): MeasuredProgram {
  const args = [OUR_CLI, "push", "--quiet", "--library", library.url, image.path];
  const reference = `${containerPath(container)}:${tag}`;
  const env = { SIFSHELF_TOKEN: library.token };
  return { command: process.execPath, args: [...args, reference], env };
}

function goPush({ library, goClient, image }: PushTask): MeasuredProgram {
  const connection = ["--url", library.url, "--token", library.token];
  const what = [image.path, containerPath(CONTAINER), "amd64", TAG, ""];
  return { command: goClient, args: [...connection, "push", ...what] };
}

/** One request with all bytes and one to complete, without hashing, records and tags. */
async function curlPush({ library, calls, image }: PushTask): Promise<MeasuredProgram> {
  const id = await calls.createImage(CONTAINER, image.sha256);
  const url = await calls.startUpload(id, image.bytes, image.sha256);
  const fail = ["-sS", "--fail"];
  const authorisation = ["-H", `Authorization: Bearer ${library.token}`];
  const complete = ["-X", "PUT", "--data", "{}", `${library.url}/v2/imagefile/${id}/_complete`];
  const send = [...fail, "-T", image.path, url];
  return { command: "curl", args: [...send, "--next", ...fail, ...authorisation, ...complete] };
}
