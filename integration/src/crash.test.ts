import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { buildSif } from "@sifshelf/testing";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { type RawLibrary, rawLibrary, sha256Hex } from "./raw-library.js";
import { type ServerProcess, startServerProcess } from "./server-process.js";

/**
 * Each run kills the server once. The seeds determine everything except the moment at which the
 * machine acts on the signal.
 */
const RUNS = Number(
  process.env["SIFSHELF_CRASH_RUNS"] ?? (process.env["CI"] === undefined ? 10 : 100),
);
const PUSHES_PER_RUN = 3;
/** Number of replies to a run's pushes if nobody kills the server: 2, 4 and 5 by kind. */
const REPLIES_PER_RUN = 11;
const LONGEST_DELAY_MS = 10;
/** Time during which an interrupted upload may still be completed. */
const UPLOAD_TTL_MS = 5000;
const FLAGS = ["--upload-ttl", `${UPLOAD_TTL_MS / 1000}s`];
const LARGEST_PAYLOAD_BYTES = 4 * 1024 * 1024;

/** A pushed image, and whether the server acknowledged it. */
interface Entry {
  readonly hash: string;
  isAcknowledged: boolean;
  imageId: string;
}

let folder: string;
let token: string;
let containerId: string;
const ledger: Entry[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sifshelf-crash-"));
  const server = await startServerProcess(folder, FLAGS);
  token = server.adminToken ?? "";
  const library = rawLibrary(server.url);
  const create = async (kind: string, json: object): Promise<string> =>
    (await library.send("POST", `v1/${kind}`, { token, json })).data.id;
  const entity = await create("entities", { name: "crash" });
  containerId = await create("containers", {
    name: "test",
    collection: await create("collections", { name: "c", entity }),
  });
  expect(await server.stop()).toBe(0);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** A small generator of pseudo-random numbers in [0, 1) that follow from a seed. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Push = (library: RawLibrary, entry: Entry, bytes: Uint8Array) => Promise<void>;

const pushV1: Push = async (library, entry, bytes) => {
  const reply = await library.send("POST", `v1/imagefile/${entry.imageId}`, { token, body: bytes });
  if (reply.status === 200) entry.isAcknowledged = true;
};

const pushSingle: Push = async (library, entry, bytes) => {
  const path = `v2/imagefile/${entry.imageId}`;
  const json = { filesize: bytes.length, sha256sum: entry.hash.slice("sha256.".length) };
  const { data } = await library.send("POST", path, { token, json });
  await library.send("PUT", data.uploadURL, { body: bytes });
  const reply = await library.send("PUT", `${path}/_complete`, { token, json: {} });
  if (reply.status === 200) entry.isAcknowledged = true;
};

const pushMultipart: Push = async (library, entry, bytes) => {
  const path = `v2/imagefile/${entry.imageId}`;
  const json = { filesize: bytes.length };
  const { data } = await library.send("POST", `${path}/_multipart`, { token, json });
  const completedParts = [];
  for (let partNumber = 1; partNumber <= data.totalParts; partNumber++) {
    const part = bytes.subarray((partNumber - 1) * data.partSize, partNumber * data.partSize);
    const request = {
      uploadID: data.uploadID,
      partNumber,
      partSize: part.length,
      sha256sum: sha256Hex(part),
    };
    const { data: signed } = await library.send("PUT", `${path}/_multipart`, {
      token,
      json: request,
    });
    const sent = await library.send("PUT", signed.presignedURL, { body: part });
    completedParts.push({ partNumber, token: sent.headers.get("etag") ?? "" });
  }
  const complete = { uploadID: data.uploadID, completedParts };
  const reply = await library.send("PUT", `${path}/_multipart_complete`, { token, json: complete });
  if (reply.status === 200) entry.isAcknowledged = true;
};

const PUSHES: readonly Push[] = [pushV1, pushSingle, pushMultipart];

function imageOf(seed: number): Uint8Array {
  return buildSif({
    seed,
    labels: { seed: String(seed) },
    payloadBytes: Math.floor(randomOf(seed)() ** 2 * LARGEST_PAYLOAD_BYTES),
  });
}

async function pushOne(library: RawLibrary, bytes: Uint8Array, kind: number): Promise<void> {
  const entry: Entry = { hash: `sha256.${sha256Hex(bytes)}`, isAcknowledged: false, imageId: "" };
  ledger.push(entry);
  const json = { hash: entry.hash, container: containerId };
  const { data } = await library.send("POST", "v1/images", { token, json });
  entry.imageId = data.id;
  await PUSHES[kind % PUSHES.length]?.(library, entry, bytes);
}

/** Pushes several images at once and kills the server at a random moment meanwhile. */
async function crashOnce(run: number): Promise<void> {
  const images = Array.from({ length: PUSHES_PER_RUN }, (_, index) =>
    imageOf(run * PUSHES_PER_RUN + index + 1),
  );
  const server = await startServerProcess(folder, FLAGS);
  const random = randomOf(run);
  const { library, reached } = countReplies(
    rawLibrary(server.url),
    Math.floor(random() * REPLIES_PER_RUN),
  );
  const settled = Promise.allSettled(
    images.map((bytes, index) => pushOne(library, bytes, run + index)),
  );
  await Promise.race([reached, settled]);
  await new Promise((resolve) => setTimeout(resolve, random() * LONGEST_DELAY_MS));
  await server.kill();
  await settled;
}

/**
 * The library, and a promise for that many replies, so that the moment of the kill does not depend
 * on the speed of the machine.
 */
function countReplies(
  library: RawLibrary,
  wanted: number,
): { library: RawLibrary; reached: Promise<void> } {
  let count = 0;
  let reach = () => {};
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  if (wanted === 0) reach();
  const send: RawLibrary["send"] = async (...request) => {
    const reply = await library.send(...request);
    count += 1;
    if (count === wanted) reach();
    return reply;
  };
  return { library: { ...library, send }, reached };
}

/** Checks all images pushed so far with a new server on the same data. */
async function checkLedger(server: ServerProcess): Promise<void> {
  const library = rawLibrary(server.url);
  for (const { hash, isAcknowledged } of ledger) {
    const ref = `crash/c/test:${hash}`;
    const record = await library.send("GET", `v1/images/${ref}`, { token });
    const isThere = record.status === 200 && record.data.uploaded === true;
    expect({ hash, isThere: isThere || !isAcknowledged }).toEqual({ hash, isThere: true });
    const redirect = await library.send("GET", `v1/imagefile/${ref}`, { token });
    expect({ hash, status: redirect.status }).toEqual({ hash, status: isThere ? 303 : 404 });
    if (!isThere) continue;
    const file = await library.send("GET", redirect.headers.get("location") ?? "");
    expect(`sha256.${sha256Hex(file.bytes)}`).toBe(hash);
  }
}

const WAIT = { timeout: 20_000, interval: 100 };

async function filesIn(name: string): Promise<string[]> {
  const options = { recursive: true, withFileTypes: true } as const;
  const entries = await readdir(join(folder, name), options);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name)
    .toSorted();
}

describe("a server that is killed during pushes", () => {
  it(`loses nothing that it acknowledged and serves nothing half-written, ${RUNS} times`, async () => {
    for (let run = 0; run < RUNS; run++) await crashOnce(run);
    const server = await startServerProcess(folder, FLAGS);
    try {
      await checkLedger(server);
    } finally {
      await server.stop();
    }
    const acknowledged = ledger.filter((entry) => entry.isAcknowledged).length;
    // The kills must have hit active pushes: some succeeded, some did not.
    expect(acknowledged).toBeGreaterThan(0);
    expect(acknowledged).toBeLessThan(ledger.length);
  }, 900_000);

  it("inspects its images, and after one round of upkeep keeps no other bytes", async () => {
    // Until then an upload may still be completed with bytes that a kill left without a row.
    await delay(UPLOAD_TTL_MS);
    const server = await startServerProcess(folder, FLAGS);
    try {
      const library = rawLibrary(server.url);
      const uploaded: string[] = [];
      for (const { hash } of ledger) {
        const ref = `v1/images/crash/c/test:${hash}`;
        const { data, status } = await library.send("GET", ref, { token });
        if (status !== 200 || data.uploaded !== true) continue;
        uploaded.push(hash.slice("sha256.".length));
        const labels = async () => (await library.send("GET", ref, { token })).data.labels;
        await vi.waitFor(async () => expect(await labels()).toHaveProperty("seed"), WAIT);
      }
      await vi.waitFor(
        async () => expect(await filesIn("blobs")).toEqual(uploaded.toSorted()),
        WAIT,
      );
      await vi.waitFor(async () => expect(await filesIn("uploads")).toEqual([]), WAIT);
    } finally {
      await server.stop();
    }
  }, 120_000);

  it("keeps only files whose bytes match their names, and no leftovers of uploads", async () => {
    const server = await startServerProcess(folder, FLAGS);
    await server.stop();
    const blobs = join(folder, "blobs", "sha256");
    const files = await readdir(blobs, { recursive: true, withFileTypes: true });
    for (const file of files.filter((entry) => entry.isFile())) {
      const bytes = await readFile(join(file.parentPath, file.name));
      expect(sha256Hex(bytes)).toBe(file.name);
    }
    expect(files.length).toBeGreaterThan(0);
  });
});
