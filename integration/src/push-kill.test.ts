import { join } from "node:path";

import { writeSifFile, type WrittenSif } from "@sifshelf/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type CliUser, createCliUser, finish } from "./cli-process.js";
import { rawLibrary, sha256Hex } from "./raw-library.js";
import { startTestLibrary, type TestLibrary } from "./test-library.js";
import { startUploadProxy, type UploadProxy } from "./upload-proxy.js";

/** Each run kills a push once or more often, at moments that follow from its number. */
const RUNS = Number(process.env["SIFSHELF_KILL_RUNS"] ?? 3);
const MIB = 1024 * 1024;
/** Seven parts of 16 MiB. */
const PAYLOAD_BYTES = 97 * MIB;

let library: TestLibrary;
let proxy: UploadProxy;
let user: CliUser;

beforeAll(async () => {
  library = await startTestLibrary();
  proxy = await startUploadProxy(library.url);
  user = await createCliUser();
  const token = await (await library.addUser("alice")).createToken("write");
  Object.assign(user.env, { SIFSHELF_LIBRARY: proxy.url, SIFSHELF_TOKEN: token });
});
afterAll(async () => {
  await user.remove();
  await proxy.close();
  await library.close();
});

const makeImage = (seed: number) =>
  writeSifFile(join(user.folder, "x.sif"), { seed, payloadBytes: PAYLOAD_BYTES });

const refOf = (seed: number) => `alice/images/killed-${seed}:1.0`;

/** Pushes and ends the process with `signal` when so many bytes of parts have passed; answers the parts that were taken. */
async function pushUntil(seed: number, bytes: number, signal: NodeJS.Signals): Promise<number[]> {
  const halted = proxy.begin(bytes);
  const child = user.start(["push", "x.sif", refOf(seed)]);
  const finished = finish(child);
  await Promise.race([halted, finished]);
  const taken = [...proxy.partsTaken];
  child.kill(signal);
  const { exit } = await finished;
  expect(exit).not.toBe(0);
  return taken;
}

/** Pushes to the end; the library has the image then, and no part that it had before was sent again. */
async function pushToEnd(seed: number, image: WrittenSif, before: readonly number[]) {
  void proxy.begin(Infinity);
  const result = await user.run(["push", "--json", "x.sif", refOf(seed)]);
  expect([result.exit, result.stderr]).toEqual([0, ""]);
  expect(result.json).toMatchObject({ ok: true, hash: `sha256.${image.sha256}`, tags: ["1.0"] });
  expect(proxy.partsBegun.filter((part) => before.includes(part))).toEqual([]);
  const path = `v1/imagefile/${refOf(seed)}?arch=amd64`;
  const { status, headers } = await rawLibrary(library.url).send("GET", path, {});
  expect(status).toBe(303);
  const stored = await fetch(headers.get("location") ?? "");
  expect(sha256Hex(new Uint8Array(await stored.arrayBuffer()))).toBe(image.sha256);
}

/** A repeatable number in [0, 1) for a seed. */
function randomOf(seed: number): number {
  const mixed = Math.imul(seed ^ (seed >>> 15), 0x2c1b3c6d);
  return ((mixed ^ (mixed >>> 12)) >>> 0) / 2 ** 32;
}

describe("a push that is killed", () => {
  it(`ends with the right image and sends no part again that was taken, ${RUNS} times`, async () => {
    let saved = 0;
    for (let run = 1; run <= RUNS; run++) {
      const image = await makeImage(run);
      const taken: number[] = [];
      for (let kill = 0; kill <= run % 2; kill++) {
        // A little more than there is, so that some are killed while they complete.
        const bytes = Math.floor(randomOf(run * 7919 + kill) * image.size * 1.1);
        const more = await pushUntil(run, bytes, "SIGKILL");
        expect(more.filter((part) => taken.includes(part))).toEqual([]);
        taken.push(...more);
      }
      await pushToEnd(run, image, taken);
      saved += taken.length;
    }
    // The kills must have hit pushes that had something to lose.
    expect(saved).toBeGreaterThan(0);
  }, 900_000);

  it("goes on likewise when it was stopped by Ctrl-C", async () => {
    const image = await makeImage(1000);
    const taken = await pushUntil(1000, 90 * MIB, "SIGINT");
    expect(taken.length).toBeGreaterThan(0);
    await pushToEnd(1000, image, taken);
  }, 120_000);
});
