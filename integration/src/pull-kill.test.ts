import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";

import { writeSifFile, type WrittenSif } from "@sifshelf/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { type CliUser, createCliUser, finish } from "./cli-process.js";
import { type AskedRange, type CountingProxy, startCountingProxy } from "./counting-proxy.js";
import { T1 } from "./fault-runs/cases/t1-killed-pulls.js";
import { journalledRanges } from "./fault-runs/journals.js";
import { runCase } from "./fault-runs/run-case.js";
import { sha256Hex } from "./raw-library.js";
import { startTestLibrary, type TestLibrary } from "./test-library.js";

/**
 * Fixed seeds, so that a failure comes from a change and not from chance. `npm run faults -- --only
 * T1` uses many.
 */
const SEED = 7;
const MIB = 1024 * 1024;
const REF = "alice/images/tool:1.0";
const FILE = "tool_1.0.sif";

let library: TestLibrary;
let proxy: CountingProxy;
let author: CliUser;
let user: CliUser;
let image: WrittenSif;

beforeAll(async () => {
  library = await startTestLibrary();
  proxy = await startCountingProxy(library.url);
  author = await createCliUser();
  const token = await (await library.addUser("alice")).createToken("write");
  Object.assign(author.env, { SIFSHELF_LIBRARY: library.url, SIFSHELF_TOKEN: token });
  image = await writeSifFile(join(author.folder, "a.sif"), { seed: 5, payloadBytes: 40 * MIB });
  await push("a.sif");
});
afterAll(async () => {
  await author.remove();
  await proxy.close();
  await library.close();
});
beforeEach(async () => {
  user = await createCliUser();
  user.env["SIFSHELF_LIBRARY"] = proxy.url;
});
afterEach(() => user.remove());

async function push(file: string): Promise<void> {
  const { exit, stderr } = await author.run(["push", file, REF]);
  if (exit !== 0) throw new Error(`the push ended with ${exit}: ${stderr}`);
}

/** Pulls and ends the process with `signal` once that many bytes of parts were sent to it. */
async function pullUntil(bytes: number, signal: NodeJS.Signals): Promise<void> {
  const halted = proxy.begin(bytes);
  const child = user.start(["pull", REF]);
  const finished = finish(child);
  await Promise.race([halted, finished]);
  child.kill(signal);
  await finished;
}

/** Pulls, and stops with SIGINT once most of that many bytes are in the partial file. */
async function pullAndStop(bytes: number): Promise<void> {
  void proxy.begin(bytes);
  const child = user.start(["pull", REF]);
  const finished = finish(child);
  while (child.exitCode === null && (await bytesOnDisk()) < bytes / 2) await setImmediate();
  child.kill("SIGINT");
  await finished;
}

async function bytesOnDisk(): Promise<number> {
  const [partial] = await filesLeft(".part");
  const found = await stat(join(user.folder, partial ?? "")).catch(() => undefined);
  return partial === undefined ? 0 : (found?.blocks ?? 0) * 512;
}

async function pullToEnd() {
  void proxy.begin(Infinity);
  const result = await user.run(["pull", "--json", REF]);
  expect([result.exit, result.stderr]).toEqual([0, ""]);
}

const filesLeft = async (end: string) =>
  (await readdir(user.folder)).filter((name) => name.endsWith(end));

const journalled = () => journalledRanges(user.folder);

const lengthOf = (ranges: readonly AskedRange[]) =>
  ranges.reduce((sum, { length }) => sum + length, 0);

const overlap = (a: AskedRange, b: AskedRange) =>
  a.offset < b.offset + b.length && b.offset < a.offset + a.length;

async function expectImage(): Promise<void> {
  expect(await readdir(user.folder)).toEqual([FILE]);
  expect(sha256Hex(await readFile(join(user.folder, FILE)))).toBe(image.sha256);
}

describe("a pull that is killed", () => {
  it("completes with the right file and refetches nothing journalled, for every kind of kill", async () => {
    const entry = await runCase(T1, { firstSeed: SEED, seeds: 1, command: "" });
    expect(entry.rows.flatMap(({ broken }) => broken)).toEqual([]);
  }, 300_000);

  it("keeps nearly all received bytes when it is stopped by Ctrl-C", async () => {
    await pullAndStop(30 * MIB);
    const there = lengthOf(await journalled());
    expect(there).toBeGreaterThan(10 * MIB);
    await pullToEnd();
    await expectImage();
    expect(proxy.partBytes).toBe(image.size - there);
  });

  it("refetches ranges that changed in the partial file meanwhile", async () => {
    await pullAndStop(30 * MIB);
    const [partial = ""] = await filesLeft(".part");
    const [first] = await journalled();
    const bytes = await readFile(join(user.folder, partial));
    bytes.fill(0, first?.offset, (first?.offset ?? 0) + 100);
    await writeFile(join(user.folder, partial), bytes);
    await pullToEnd();
    await expectImage();
    expect(proxy.ranges.some((asked) => first !== undefined && overlap(asked, first))).toBe(true);
  });
});

describe("a pull of an image that was replaced since it was killed", () => {
  it("starts over and removes the useless partial file", async () => {
    await pullUntil(20 * MIB, "SIGKILL");
    expect(await filesLeft(".part")).toHaveLength(1);
    const before = image;
    image = await writeSifFile(join(author.folder, "b.sif"), { seed: 6, payloadBytes: 20 * MIB });
    await push("b.sif");
    await pullToEnd();
    await expectImage();
    image = before;
    await push("a.sif");
  });
});
