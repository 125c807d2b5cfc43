import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { spreadOf } from "../spread.js";
import { type BenchImage, renewImage } from "./bench-image.js";
import { containerPath, libraryCalls } from "./library-calls.js";
import { measureRun } from "./measured-run.js";
import { peakRssBytes, resetPeakRss } from "./process-memory.js";
import { PULL_CONTAINER, tagOf } from "./pull-contenders.js";
import { ACCEPTANCE, downloadName, SERVER_RSS } from "./transfer-goals.js";
import type { TransferOptions } from "./transfer-options.js";
import type { FigureRecord } from "./transfer-results.js";
import { type BenchRun, loopback, type TransferSetting, withSetting } from "./transfer-setting.js";

const ROUNDS = 5;
const SECONDS = 2;
const CONNECTIONS = [1, 4, 64] as const;
const MANY_CONNECTIONS = 64;
const IMAGE_MIB = 1024;
const HASH_SPEED = fileURLToPath(new URL("hash-speed.js", import.meta.url));
const CONTAINER = "accepted";

/** Measures the server's downloads and uploads with clients that use almost no processor time. */
export async function measureServer(
  run: BenchRun,
  { rounds = ROUNDS }: TransferOptions,
): Promise<FigureRecord[]> {
  return await withSetting(run, loopback([IMAGE_MIB]), async (setting) => {
    const [image] = setting.images;
    if (image === undefined) throw new Error("there is no image");
    const task = { run, setting, image, rounds };
    const figures = await measureDownloads(task);
    figures.push(await measureServerMemory(task));
    figures.push(...(await measureAcceptance(task)));
    return figures;
  });
}

interface ServerTask {
  readonly run: BenchRun;
  readonly setting: TransferSetting;
  readonly image: BenchImage;
  readonly rounds: number;
}

async function measureDownloads(task: ServerTask): Promise<FigureRecord[]> {
  const figures: FigureRecord[] = [];
  for (const mode of ["read", "dropped"] as const) {
    for (const connections of CONNECTIONS) {
      figures.push(...(await measureDownload(task, { connections, mode })));
    }
  }
  return figures;
}

async function measureDownload(task: ServerTask, plan: SinkPlan): Promise<FigureRecord[]> {
  const { setting, image, rounds } = task;
  const ours = await signedUrl(task);
  const theirs = setting.nginx === undefined ? undefined : `${setting.nginx.url}/${image.name}`;
  const speeds: number[] = [];
  const peers: number[] = [];
  for (let round = 0; round < rounds; round++) {
    speeds.push(await sink(task, ours, plan));
    if (theirs !== undefined) peers.push(await sink(task, theirs, plan));
  }
  const name = downloadName(plan.connections, plan.mode);
  const alone = figure(name, "GB/s", speeds);
  if (theirs === undefined) return [alone];
  const ratios = speeds.map((speed, round) => speed / (peers[round] ?? Number.NaN));
  return [
    alone,
    figure(`nginx's ${name}`, "GB/s", peers),
    figure(`${name}, relative to nginx's`, "", ratios),
  ];
}

/** Returns the URL to which the library redirects a client for the bytes. */
async function signedUrl({ setting: { bench, library }, image }: ServerTask): Promise<string> {
  const reference = `${containerPath(PULL_CONTAINER)}:${tagOf(image)}`;
  const url = `${library.url}/v1/imagefile/${reference}?arch=amd64`;
  const ask = ["-sS", "-o", "/dev/null", "-w", "%{redirect_url}", url];
  const { stdout } = await promisify(execFile)("curl", ask, { signal: bench.signal });
  return stdout.trim();
}

interface SinkPlan {
  readonly connections: number;
  /** Whether bytes are copied to the client or dropped by its kernel. */
  readonly mode: "read" | "dropped";
}

/** Returns the GB per second that the sink receives. */
async function sink(
  { run, setting }: ServerTask,
  url: string,
  { connections, mode }: SinkPlan,
): Promise<number> {
  const flags = ["-connections", String(connections), "-seconds", String(SECONDS)];
  const drop = mode === "dropped" ? ["-drop"] : [];
  const program = { command: run.programs.sink, args: [...flags, ...drop, url] };
  const { output } = await measureRun(setting.bench, program);
  const { bytes, seconds }: { readonly bytes: number; readonly seconds: number } =
    JSON.parse(output);
  const speed = bytes / seconds / 1e9;
  console.log(
    `  ${new URL(url).port}, ${connections} connections, ${mode}: ${speed.toFixed(2)} GB/s`,
  );
  return speed;
}

async function measureServerMemory(task: ServerTask): Promise<FigureRecord> {
  const { library } = task.setting;
  const url = await signedUrl(task);
  const peaks: number[] = [];
  for (let round = 0; round < task.rounds; round++) {
    await resetPeakRss(library.pid);
    await sink(task, url, { connections: MANY_CONNECTIONS, mode: "read" });
    peaks.push((await peakRssBytes(library.pid)) / 2 ** 20);
  }
  return figure(SERVER_RSS, "MiB", peaks);
}

async function measureAcceptance(task: ServerTask): Promise<FigureRecord[]> {
  const accepted: number[] = [];
  const hashed: number[] = [];
  const written: number[] = [];
  for (let round = 0; round < task.rounds; round++) {
    hashed.push(await hashSpeed(task));
    written.push(await diskSpeed(task));
    accepted.push(await acceptOnce(task));
    console.log(
      `  accepted ${accepted.at(-1)?.toFixed(2)} GB/s, hashed ${hashed.at(-1)?.toFixed(2)}, written ${written.at(-1)?.toFixed(2)}`,
    );
  }
  const through = (others: readonly number[]) =>
    accepted.map((speed, round) => speed / (others[round] ?? Number.NaN));
  return [
    figure("accepted uploads of 1 GiB", "GB/s", accepted),
    figure("one core's SHA-256", "GB/s", hashed),
    figure(ACCEPTANCE, "", through(hashed)),
    figure("the same file written and synced by dd", "GB/s", written),
    figure("accepted uploads relative to dd's", "", through(written)),
  ];
}

async function hashSpeed({ setting: { bench } }: ServerTask): Promise<number> {
  const { output } = await measureRun(bench, { command: process.execPath, args: [HASH_SPEED] });
  const { gigabytesPerSecond }: { readonly gigabytesPerSecond: number } = JSON.parse(output);
  return gigabytesPerSecond;
}

/**
 * Returns the GB per second of a synced copy on the library's disk, the upper limit for uploads.
 */
async function diskSpeed({ setting: { bench }, image }: ServerTask): Promise<number> {
  const copy = `${image.path}.copy`;
  await promisify(execFile)("sync");
  const args = [`if=${image.path}`, `of=${copy}`, "bs=1M", "conv=fdatasync", "status=none"];
  const { wallMs } = await measureRun(bench, { command: "dd", args });
  await rm(copy);
  return image.bytes / wallMs / 1e6;
}

/**
 * Returns the GB per second from the first request of an upload to the reply that the image is
 * stored.
 */
async function acceptOnce({ run, setting, image }: ServerTask): Promise<number> {
  const { bench, library } = setting;
  const calls = libraryCalls(bench, library);
  await renewImage(image);
  const id = await calls.createImage(CONTAINER, image.sha256);
  await promisify(execFile)("sync");
  const target = ["-url", library.url, "-token", library.token, "-image", id];
  const program = { command: run.programs.upload, args: [...target, image.path] };
  const { output } = await measureRun(bench, program);
  await calls.deleteImage(CONTAINER, image.sha256);
  const { seconds }: { readonly seconds: number } = JSON.parse(output);
  return image.bytes / seconds / 1e9;
}

function figure(name: string, unit: string, values: readonly number[]): FigureRecord {
  return { kind: "figure", part: "server", name, unit, value: spreadOf(values) };
}
