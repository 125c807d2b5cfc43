import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";

import { writeSifFile, type WrittenSif } from "@sifshelf/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { type CliUser, createCliUser, finish } from "./cli-process.js";
import { type AskedRange, type CountingProxy, startCountingProxy } from "./counting-proxy.js";
import { sha256Hex } from "./raw-library.js";
import { startTestLibrary, type TestLibrary } from "./test-library.js";

/** Each run kills a pull once or more often, at moments that follow from its number. */
const RUNS = Number(process.env["SIFSHELF_KILL_RUNS"] ?? 10);
/** Pulls at once; as many as are started outside of CI. */
const PULLERS = process.env["SIFSHELF_KILL_RUNS"] === undefined ? 6 : 16;
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

/** Pulls and ends the process with `signal` once so many bytes of parts were sent to it. */
async function pullUntil(bytes: number, signal: NodeJS.Signals): Promise<void> {
  const halted = proxy.begin(bytes);
  const child = user.start(["pull", REF]);
  const finished = finish(child);
  await Promise.race([halted, finished]);
  child.kill(signal);
  await finished;
}

/** Pulls, and stops as with Ctrl-C once most of so many bytes are in the partial file. */
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

/** What the journals in the user's folder say that is there. */
async function journalled(): Promise<AskedRange[]> {
  const ranges: AskedRange[] = [];
  for (const name of await filesLeft(".journal")) {
    const lines = (await readFile(join(user.folder, name), "utf8")).split("\n");
    for (const [, offset, length] of lines.map(
      (line) => /"stretch":\[(\d+),(\d+),/.exec(line) ?? [],
    )) {
      if (offset !== undefined) ranges.push({ offset: Number(offset), length: Number(length) });
    }
  }
  return ranges;
}

const lengthOf = (ranges: readonly AskedRange[]) =>
  ranges.reduce((sum, { length }) => sum + length, 0);

const overlap = (a: AskedRange, b: AskedRange) =>
  a.offset < b.offset + b.length && b.offset < a.offset + a.length;

/** A repeatable number in [0, 1) for a seed. */
function randomOf(seed: number): number {
  const mixed = Math.imul(seed ^ (seed >>> 15), 0x2c1b3c6d);
  return ((mixed ^ (mixed >>> 12)) >>> 0) / 2 ** 32;
}

async function expectImage(): Promise<void> {
  expect(await readdir(user.folder)).toEqual([FILE]);
  expect(sha256Hex(await readFile(join(user.folder, FILE)))).toBe(image.sha256);
}

describe("a pull that is killed", () => {
  it(`ends with the right file and fetches nothing again that was journalled, ${RUNS} times`, async () => {
    let savedBytes = 0;
    for (let run = 1; run <= RUNS; run++) {
      const kills = 1 + (run % 3);
      for (let kill = 0; kill < kills; kill++) {
        const before = await journalled();
        const missingBytes = image.size - lengthOf(before);
        await pullUntil(Math.floor(randomOf(run * 7919 + kill) * 0.95 * missingBytes), "SIGKILL");
        expect(await filesLeft(".sif")).toEqual([]);
        expect(proxy.ranges.filter((asked) => before.some((had) => overlap(asked, had)))).toEqual(
          [],
        );
      }
      const there = await journalled();
      const thereBytes = lengthOf(there);
      await pullToEnd();
      await expectImage();
      expect(proxy.ranges.filter((asked) => there.some((had) => overlap(asked, had)))).toEqual([]);
      expect(proxy.partBytes).toBe(image.size - thereBytes);
      savedBytes += thereBytes;
      await user.remove();
      user = await createCliUser();
      user.env["SIFSHELF_LIBRARY"] = proxy.url;
    }
    // The kills must have hit pulls that had something to lose.
    expect(savedBytes).toBeGreaterThan(0);
  }, 900_000);

  it("keeps nearly all of what arrived when it is stopped by Ctrl-C", async () => {
    await pullAndStop(30 * MIB);
    const there = lengthOf(await journalled());
    expect(there).toBeGreaterThan(10 * MIB);
    await pullToEnd();
    await expectImage();
    expect(proxy.partBytes).toBe(image.size - there);
  });

  it("fetches again what changed in the partial file meanwhile", async () => {
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
  it("starts cleanly and removes what is of no use", async () => {
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

describe("many pulls of one image into one folder", () => {
  it("all succeed, beside a partial that each wants to go on with", async () => {
    await pullUntil(25 * MIB, "SIGKILL");
    void proxy.begin(Infinity);
    const results = await Promise.all(
      Array.from({ length: PULLERS }, () => user.run(["pull", "--quiet", REF])),
    );
    expect(results.map(({ exit, stderr }) => [exit, stderr])).toEqual(results.map(() => [0, ""]));
    await expectImage();
  }, 300_000);
});
