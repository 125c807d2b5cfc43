import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { readdir, stat, statfs, utimes } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { seededRandom, writeSifFile, type WrittenSif } from "@sifshelf/testing";

import { type CliUser, createCliUser, finish } from "../../cli-process.js";
import { type AskedRange, type CountingProxy, startCountingProxy } from "../../counting-proxy.js";
import { startTestLibrary, type TestLibrary } from "../../test-library.js";
import { type FaultCase, type FaultVariant, WHOLE } from "../fault-case.js";
import { fileSha256 } from "../file-sha256.js";
import { changeOwners, journalledRanges, journalsIn } from "../journals.js";

const MIB = 1024 * 1024;
const REF = "admin/killed/tool:1.0";
const FILE = "tool_1.0.sif";
const PAYLOAD_BYTES = 24 * MIB;

/** How the library sends the bytes. */
type Sending = "ranges" | "no ranges" | "303 to a signed URL";

interface PullKills {
  readonly sending: Sending;
  readonly connections: number;
  readonly signals: readonly NodeJS.Signals[];
  /** Change to the journals that a killed pull left. */
  readonly before?: (folder: string) => Promise<void>;
}

/**
 * Bytes of a part: the client's default for one connection; fewer for many, so that each has parts.
 */
const partBytes = (connections: number) => (connections === 1 ? 8 : 2) * MIB;

/** Pulls by the command line that are killed up to three times at any point and then completed. */
export const T1: FaultCase = {
  id: "T1",
  title: "`sifshelf pull` is killed up to three times, then completed",
  seeds: 84,
  // Its runs share counting proxies; a sample of them is in pull-kill.test.ts.
  sampleEvery: 0,
  open: async () => {
    const bench = await openBench();
    const kill9 = ["SIGKILL"] as const;
    const variants: FaultVariant[] = [];
    for (const sending of ["ranges", "no ranges", "303 to a signed URL"] as const) {
      for (const connections of [1, 8]) {
        const kills = { sending, connections, signals: kill9 };
        variants.push(variant(bench, `kill -9, ${sending}, ${connections} at a time`, kills));
      }
    }
    const usual = { sending: "303 to a signed URL", connections: 8, signals: kill9 } as const;
    const stops = { ...usual, signals: ["SIGINT", "SIGTERM"] } as const;
    variants.push(variant(bench, "Ctrl-C or SIGTERM", stops));
    const elsewhere = { ...usual, before: passForOtherMachine };
    variants.push(variant(bench, "kill -9, then on another machine", elsewhere));
    const restarted = { ...usual, before: passForRestarted };
    variants.push(variant(bench, "kill -9, then a restart of the machine", restarted));
    return { variants, close: bench.close };
  },
};

interface Bench {
  readonly image: WrittenSif;
  readonly proxies: ReadonlyMap<Sending, CountingProxy>;
  readonly close: () => Promise<void>;
}

async function openBench(): Promise<Bench> {
  const author = await createCliUser();
  const redirecting = await startTestLibrary();
  const streaming = await startTestLibrary({ downloads: "stream" });
  const options = { seed: 5, payloadBytes: PAYLOAD_BYTES };
  const image = await writeSifFile(join(author.folder, "a.sif"), options);
  for (const library of [redirecting, streaming]) await push(author, library);
  const proxies = new Map<Sending, CountingProxy>([
    ["ranges", await startCountingProxy(streaming.url)],
    ["no ranges", await startCountingProxy(redirecting.url, { isWhole: true })],
    ["303 to a signed URL", await startCountingProxy(redirecting.url)],
  ]);
  const close = async () => {
    for (const proxy of proxies.values()) await proxy.close();
    await redirecting.close();
    await streaming.close();
    await author.remove();
  };
  return { image, proxies, close };
}

async function push(author: CliUser, { url, adminToken }: TestLibrary): Promise<void> {
  Object.assign(author.env, { SIFSHELF_LIBRARY: url, SIFSHELF_TOKEN: adminToken });
  const { exit, stderr } = await author.run(["push", "a.sif", REF]);
  assert.equal(exit, 0, stderr);
}

function variant({ image, proxies }: Bench, name: string, kills: PullKills): FaultVariant {
  const proxy = proxies.get(kills.sending);
  if (proxy === undefined) throw new Error("no such library");
  const run = async (seed: number) => {
    const user = await createCliUser();
    const { connections } = kills;
    Object.assign(user.env, {
      SIFSHELF_LIBRARY: proxy.url,
      SIFSHELF_DOWNLOAD_CONCURRENCY: String(connections),
      SIFSHELF_DOWNLOAD_PART_SIZE: String(partBytes(connections)),
    });
    try {
      await killAndResume({ user, proxy, image, kills, random: seededRandom(seed) });
    } finally {
      await user.remove();
    }
    return WHOLE;
  };
  return { name, run };
}

interface Run {
  readonly user: CliUser;
  readonly proxy: CountingProxy;
  readonly image: WrittenSif;
  readonly kills: PullKills;
  readonly random: () => number;
}

async function killAndResume(run: Run): Promise<void> {
  const { user, proxy, image, kills, random } = run;
  const count = random() < 0.7 ? 1 : 2 + Math.floor(random() * 2);
  let passedBytes = 0;
  for (let kill = 0; kill < count; kill++) {
    passedBytes += await whileNothingIsFetchedTwice(run, () => pullAndKill(run));
    await assertNoWrongFile(run);
    await kills.before?.(user.folder);
  }
  passedBytes += await whileNothingIsFetchedTwice(run, async () => {
    void proxy.begin(Infinity);
    const { exit, stderr } = await user.run(["pull", "--quiet", REF]);
    assert.deepEqual([exit, stderr], [0, ""]);
  });
  assert.equal(await fileSha256(join(user.folder, FILE)), image.sha256, "WRONG FILE");
  await assertNothingElse(run);
  if (kills.sending === "no ranges") return;
  const againBytes = passedBytes - image.size;
  const allowedBytes = count * kills.connections * partBytes(kills.connections);
  assert.ok(againBytes <= allowedBytes, `${againBytes} bytes came twice after ${count} kills`);
}

/**
 * An empty journal of a killed process may be one that is about to be written: a later pull removes
 * it once it has been empty for some minutes.
 */
async function assertNothingElse({ user, proxy }: Run): Promise<void> {
  for (const name of await journalsIn(user.folder)) {
    assert.equal(
      (await stat(join(user.folder, name))).size,
      0,
      "something was left beside the file",
    );
    await age(user.folder);
    void proxy.begin(Infinity);
    assert.equal((await user.run(["pull", "--quiet", REF])).exit, 0);
  }
  assert.deepEqual(await readdir(user.folder), [FILE], "something was left beside the file");
}

/**
 * Runs a pull and returns the number of received bytes. It must not request ranges that were
 * journalled at its start.
 */
async function whileNothingIsFetchedTwice(
  { user, proxy, kills }: Run,
  pull: () => Promise<void>,
): Promise<number> {
  const there = kills.sending === "no ranges" ? [] : await journalledRanges(user.folder);
  await pull();
  const twice = proxy.ranges.filter((asked) => there.some((had) => overlap(asked, had)));
  assert.deepEqual(twice, [], "what was journalled was asked for again");
  return proxy.partBytes;
}

const overlap = (a: AskedRange, b: AskedRange) =>
  a.offset < b.offset + b.length && b.offset < a.offset + a.length;

/**
 * Longest time after the last byte at which a pull is killed, in milliseconds; finishing takes
 * about as long.
 */
const END_MS = 80;

/**
 * Longest time after its start at which a pull is killed, in milliseconds; most have ended by then.
 */
const WHOLE_MS = 1_200;

async function pullAndKill({ user, proxy, image, kills, random }: Run): Promise<void> {
  const kind = random();
  const missingBytes = image.size - lengthOf(await journalledRanges(user.folder));
  const atEnd = kind < 0.2;
  const atByte = kind >= 0.2 && kind < 0.7;
  const bytes = atEnd ? missingBytes : 1 + Math.floor(random() * missingBytes);
  const halted = proxy.begin(atEnd || atByte ? bytes : Infinity);
  const child = user.start(["pull", "--quiet", REF]);
  const finished = finish(child);
  if (atEnd) await Promise.race([halted.then(() => pause(random() * END_MS)), finished]);
  else if (atByte) await Promise.race([halted, finished]);
  else await Promise.race([pause(random() * WHOLE_MS), finished]);
  const signal = kills.signals[Math.floor(random() * kills.signals.length)] ?? "SIGKILL";
  endBy(child, signal);
  const { exit } = await finished;
  assert.ok([0, "SIGKILL", "SIGINT", "SIGTERM", 130, 143].includes(exit), `it ended with ${exit}`);
}

function endBy(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.exitCode === null && child.signalCode === null) child.kill(signal);
}

const lengthOf = (ranges: readonly AskedRange[]) =>
  ranges.reduce((sum, { length }) => sum + length, 0);

/** Killed or not, a file with the final name is right. */
async function assertNoWrongFile({ user, image }: Run): Promise<void> {
  if (!(await readdir(user.folder)).includes(FILE)) return;
  assert.equal(await fileSha256(join(user.folder, FILE)), image.sha256, "WRONG FILE");
}

/** Makes the journals look as they would to a pull on another machine, some minutes later. */
async function passForOtherMachine(folder: string): Promise<void> {
  await changeOwners(folder, (owner) => ({ ...owner, host: "another-machine" }));
  await age(folder);
}

/**
 * ext4, XFS, Btrfs: there, a restart of the machine proves that the owner is dead; elsewhere the
 * owner must have been silent for long.
 */
const LOCAL_TYPES: readonly number[] = [0xef53, 0x58465342, 0x9123683e];

/** Makes the journals look as they would after a restart of the machine. */
async function passForRestarted(folder: string): Promise<void> {
  const bootId = "00000000-0000-4000-8000-000000000000";
  await changeOwners(folder, (owner) => ({ ...owner, bootId }));
  if (!LOCAL_TYPES.includes((await statfs(folder)).type)) await age(folder);
}

async function age(folder: string): Promise<void> {
  const before = new Date(Date.now() - 10 * 60_000);
  for (const name of await journalsIn(folder)) await utimes(join(folder, name), before, before);
}
