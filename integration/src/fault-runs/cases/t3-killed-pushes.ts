import assert from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { LibraryClient } from "@sifshelf/client";
import { startServer } from "@sifshelf/server";
import { seededRandom, writeSifFile, type WrittenSif } from "@sifshelf/testing";

import { type CliUser, createCliUser, finish } from "../../cli-process.js";
import { startUploadProxy, type UploadProxy } from "../../upload-proxy.js";
import { type FaultCase, type FaultVariant, WHOLE } from "../fault-case.js";

const MIB = 1024 * 1024;
const REF = "admin/killed/tool:1.0";
/** Five parts of 16 MiB, the last one smaller. */
const PAYLOAD_BYTES = 65 * MIB;

/** When a push is killed. */
type Moment = "at a byte" | "at any time" | "while it completes" | "by Ctrl-C or SIGTERM";

/** Pushes by the command line that are killed once or twice at any point and then completed. */
export const T3: FaultCase = {
  id: "T3",
  title: "`sifshelf push` is killed once or twice, then completed",
  seeds: 60,
  // A sample is in push-kill.test.ts.
  sampleEvery: 0,
  open: async () => {
    const user = await createCliUser();
    const image = await writeSifFile(join(user.folder, "x.sif"), {
      seed: 7,
      payloadBytes: PAYLOAD_BYTES,
    });
    const moments: readonly Moment[] = [
      "at a byte",
      "at any time",
      "while it completes",
      "by Ctrl-C or SIGTERM",
    ];
    const variants: FaultVariant[] = moments.map((moment) => ({
      name: moment.startsWith("by") ? `stopped ${moment}` : `kill -9 ${moment}`,
      run: (seed) =>
        withLibrary(async (library) => {
          await killAndResume({ user, image, moment, library, random: seededRandom(seed) });
          return WHOLE;
        }),
    }));
    variants.push({
      name: "kill -9, then no retry for a day",
      run: (seed) =>
        withLibrary(async (library) => {
          await killAndForget({
            user,
            image,
            moment: "at a byte",
            library,
            random: seededRandom(seed),
          });
          return WHOLE;
        }),
    });
    return { variants, close: () => user.remove() };
  },
};

/** A separate library for each run, since a library does not accept the same bytes twice. */
interface Library {
  readonly proxy: UploadProxy;
  readonly folder: string;
  readonly url: () => string;
  readonly token: string;
  /** Stops it and starts it again on the same data, with the clock advanced. */
  readonly restart: (laterMs: number) => Promise<void>;
}

async function withLibrary<T>(work: (library: Library) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "sifshelf-killed-"));
  const listen = { host: "127.0.0.1", port: 0 };
  let server = await startServer({ data: folder, listen });
  const port = Number(new URL(server.url).port);
  const proxy = await startUploadProxy(server.url);
  const restart = async (laterMs: number) => {
    await server.close();
    server = await startServer({
      data: folder,
      listen: { ...listen, port },
      now: () => Date.now() + laterMs,
    });
  };
  try {
    const token = server.adminToken ?? "";
    return await work({ proxy, folder, url: () => server.url, token, restart });
  } finally {
    await proxy.close();
    await server.close();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Run {
  readonly user: CliUser;
  readonly image: WrittenSif;
  readonly moment: Moment;
  readonly library: Library;
  readonly random: () => number;
}

async function killAndResume(run: Run): Promise<void> {
  const taken: number[] = [];
  const kills = run.random() < 0.7 ? 1 : 2;
  for (let kill = 0; kill < kills; kill++) {
    taken.push(...(await pushAndKill(run)));
    assert.deepEqual([...new Set(taken)], taken, "a part was sent again that had arrived");
  }
  await pushToEnd(run);
  const { partsBegun } = run.library.proxy;
  const twice = partsBegun.filter((part) => taken.includes(part));
  assert.deepEqual(twice, [], "a part was sent again that had arrived");
}

/** Once an upload has expired, its bytes are gone, and the same command begins a new one. */
async function killAndForget(run: Run): Promise<void> {
  const { folder, proxy, restart } = run.library;
  await pushAndKill(run);
  // Closes the connections of the killed push.
  void proxy.begin(Infinity);
  await restart(25 * 60 * 60_000);
  const uploads = join(folder, "uploads");
  const deadlineMs = Date.now() + 20_000;
  while ((await readdir(uploads)).length > 0) {
    assert.ok(Date.now() < deadlineMs, "the bytes of the expired upload stay");
    await pause(20);
  }
  await pushToEnd(run);
}

/**
 * Longest time after its start at which a push is killed, in milliseconds; most have ended by then.
 */
const WHOLE_MS = 1_500;

/** Longest time after its request to complete at which a push is killed, in milliseconds. */
const END_MS = 150;

/** Returns the parts that the library had acknowledged by then. */
async function pushAndKill({ user, image, moment, library, random }: Run): Promise<number[]> {
  const { proxy } = library;
  const isByByte = moment === "at a byte" || moment === "by Ctrl-C or SIGTERM";
  const halted = proxy.begin(isByByte ? Math.floor(random() * image.size) : Infinity);
  const child = startPush(user, library);
  const finished = finish(child);
  const ends = {
    "at any time": () => pause(random() * WHOLE_MS),
    "while it completes": () => proxy.completing.then(() => pause(random() * END_MS)),
    "at a byte": () => halted,
    "by Ctrl-C or SIGTERM": () => halted,
  };
  await Promise.race([ends[moment](), finished]);
  const taken = [...proxy.partsTaken];
  const isStop = moment === "by Ctrl-C or SIGTERM";
  const stop = random() < 0.5 ? "SIGINT" : "SIGTERM";
  if (child.exitCode === null) child.kill(isStop ? stop : "SIGKILL");
  const { exit, stderr } = await finished;
  assert.ok([0, "SIGKILL", 130, 143].includes(exit), `it ended with ${exit}: ${stderr}`);
  return taken;
}

function startPush(user: CliUser, { proxy, token }: Library) {
  Object.assign(user.env, { SIFSHELF_LIBRARY: proxy.url, SIFSHELF_TOKEN: token });
  return user.start(["push", "--quiet", "x.sif", REF]);
}

/** Runs the same command to completion; the library then has the image under its tag. */
async function pushToEnd({ user, image, library }: Run): Promise<void> {
  void library.proxy.begin(Infinity);
  const { exit, stderr } = await finish(startPush(user, library));
  assert.deepEqual([exit, stderr], [0, ""]);
  const client = new LibraryClient({ baseUrl: library.url(), authToken: library.token });
  const record = await client.getImage(REF, { arch: "amd64" });
  assert.equal(record.hash, `sha256.${image.sha256}`, "WRONG IMAGE");
  const [path = "", tag] = REF.split(":");
  let size = 0;
  // The stream closes only if the bytes match the hash.
  for await (const chunk of await client.downloadImage(path, { arch: "amd64", tag })) {
    size += chunk.byteLength;
  }
  assert.equal(size, image.size, "WRONG IMAGE");
}
