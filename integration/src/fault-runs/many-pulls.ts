/**
 * A process that pulls images repeatedly and aborts most of the pulls at random. After each pull it
 * checks for leftovers, and from time to time measures its resources. Arguments: URL of the
 * library, number of pulls, seed. Prints a {@link ManyPulls} as JSON. Linux only: it reads `/proc`.
 */
import assert from "node:assert/strict";
import { channel } from "node:diagnostics_channel";
import { getEventListeners } from "node:events";
import { readdirSync, readlinkSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";

import { LibraryClient } from "@sifshelf/client";
import { pullToFile } from "@sifshelf/client/node";
import { seededRandom } from "@sifshelf/testing";

import { heapSlope, type HeapSample } from "./heap-slope.js";

/** Result of many pulls in one process. */
export interface ManyPulls {
  readonly whole: number;
  readonly aborted: number;
  /** Growth of the heap in bytes per pull, over the last four fifths of the pulls. */
  readonly heapBytesPerPull: number;
  /** Open descriptors and threads, after the first fifth of the pulls and at the end. */
  readonly held: readonly { readonly files: number; readonly threads: number }[];
}

/** The images, with their share of the pulls in percent; the last one is fetched in parts. */
const IMAGES = [
  { name: "small", share: 75, usualMs: 15 },
  { name: "middle", share: 22, usualMs: 25 },
  { name: "large", share: 3, usualMs: 150 },
] as const;

const [url = "", pullsText = "", seedText = ""] = process.argv.slice(2);
const pulls = Number(pullsText);
const random = seededRandom(Number(seedText));
const folder = await mkdtemp(join(tmpdir(), "sifshelf-pulls-"));
const client = new LibraryClient({ baseUrl: url });
/** Outlives all pulls: a listener that remains on it is a leak. */
const lasting = new AbortController().signal;
let isPulling = false;
let lateRequests = 0;
channel("http.client.request.start").subscribe(() => void (lateRequests += isPulling ? 0 : 1));
const count = { whole: 0, aborted: 0 };

for (let pull = 0; pull < 50; pull++) await pullOnce();
const samples: HeapSample[] = [];
const held = [];
const every = Math.max(1, Math.floor(pulls / 100));
for (let pull = 0; pull < pulls; pull++) {
  await pullOnce();
  if (pull % every === 0) samples.push({ pull, heapBytes: heapBytes() });
  if (pull === Math.floor(pulls / 5) || pull === pulls - 1) held.push(whatIsHeld());
}
await rm(folder, { recursive: true });
const heapBytesPerPull = heapSlope(samples.filter(({ pull }) => pull >= pulls / 5));
const result: ManyPulls = { ...count, heapBytesPerPull, held };
process.stdout.write(`${JSON.stringify(result)}\n`);

async function pullOnce(): Promise<void> {
  const dice = random() * 100;
  const image = IMAGES.find(({ share }, index) => dice < share + sharesBefore(index)) ?? IMAGES[0];
  const controller = new AbortController();
  const kind = random();
  const mayAbort = kind < 0.75;
  if (kind < 0.05) controller.abort(new Error("before"));
  const timer = mayAbort
    ? setTimeout(() => controller.abort(new Error("stop")), random() * 2 * image.usualMs)
    : undefined;
  let lateEvents = 0;
  const progress = () => void (lateEvents += isPulling ? 0 : 1);
  const signal = mayAbort ? controller.signal : lasting;
  isPulling = true;
  try {
    await (random() < 0.7 ? pullIntoFile : pullAsStream)(`admin/leaks/${image.name}`, {
      signal,
      progress,
    });
    count.whole += 1;
  } catch (error) {
    if (!controller.signal.aborted) throw error;
    assert.equal(error, controller.signal.reason, "it was aborted, and failed for another reason");
    count.aborted += 1;
  } finally {
    isPulling = false;
    clearTimeout(timer);
  }
  assert.equal(getEventListeners(signal, "abort").length, 0, "listeners were left on the signal");
  await assertNothingWorksOn();
  assert.equal(lateEvents, 0, "progress came after the end");
}

function sharesBefore(index: number): number {
  return IMAGES.slice(0, index).reduce((sum, { share }) => sum + share, 0);
}

interface PullOptions {
  readonly signal: AbortSignal;
  readonly progress: () => void;
}

async function pullIntoFile(ref: string, options: PullOptions): Promise<void> {
  const path = join(folder, "image.sif");
  try {
    await pullToFile(client, { ref: `${ref}:1.0`, path }, { arch: "amd64", ...options });
  } finally {
    // An open file may still be written to.
    assert.deepEqual(
      openPaths().filter((open) => open.startsWith(folder)),
      [],
      "a file is open",
    );
    for (const name of await readdir(folder)) await rm(join(folder, name));
  }
}

async function pullAsStream(ref: string, options: PullOptions): Promise<void> {
  const stream = await client.downloadImage(ref, { arch: "amd64", tag: "1.0", ...options });
  const giveUpAfter = random() < 0.5 ? Infinity : Math.floor(random() * 20);
  let chunks = 0;
  for await (const _ of stream) {
    chunks += 1;
    // Leaving the loop cancels the stream.
    if (chunks > giveUpAfter) break;
  }
}

/**
 * Asserts that no timer, request, thread or file operation remains; connections close one turn
 * later.
 */
async function assertNothingWorksOn(): Promise<void> {
  await setImmediate();
  await setImmediate();
  const active = process.getActiveResourcesInfo().filter((kind) => kind !== "PipeWrap");
  assert.deepEqual(active, [], "something goes on after the end");
  assert.equal(lateRequests, 0, "a request was made after the end");
}

function openPaths(): string[] {
  return readdirSync("/proc/self/fd").map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      // The descriptor of the listing itself.
      return "";
    }
  });
}

function whatIsHeld() {
  return { files: openPaths().length, threads: readdirSync("/proc/self/task").length };
}

function heapBytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
