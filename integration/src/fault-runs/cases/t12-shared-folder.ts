import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { readdir, readFile, utimes } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { seededRandom, writeSifFile, type WrittenSif } from "@sifshelf/testing";

import { type CliUser, createCliUser, finish } from "../../cli-process.js";
import { type CountingProxy, startCountingProxy } from "../../counting-proxy.js";
import { startTestLibrary } from "../../test-library.js";
import { type FaultCase, WHOLE } from "../fault-case.js";
import { fileSha256 } from "../file-sha256.js";
import { changeOwners, journalsIn } from "../journals.js";

const MIB = 1024 * 1024;
const PULLERS = 16;
const PAYLOAD_BYTES = 24 * MIB;
const REF = "admin/shared/tool:1.0";

interface Bench {
  readonly proxy: CountingProxy;
  readonly image: WrittenSif;
}

interface Run extends Bench {
  readonly user: CliUser;
  readonly random: () => number;
}

/**
 * Many processes pull one image into one folder. None requests a lock, so a lock that does not hold
 * cannot harm them.
 */
export const T12: FaultCase = {
  id: "T12",
  title: `${PULLERS} processes pull one image into one folder at once`,
  seeds: 5,
  // A sample is in shared-folder.test.ts.
  sampleEvery: 0,
  open: async () => {
    const author = await createCliUser();
    const library = await startTestLibrary();
    const proxy = await startCountingProxy(library.url);
    const image = await writeSifFile(join(author.folder, "a.sif"), {
      seed: 9,
      payloadBytes: PAYLOAD_BYTES,
    });
    Object.assign(author.env, {
      SIFSHELF_LIBRARY: library.url,
      SIFSHELF_TOKEN: library.adminToken,
    });
    const { exit, stderr } = await author.run(["push", "a.sif", REF]);
    assert.equal(exit, 0, stderr);
    const variant = (name: string, work: (run: Run) => Promise<void>) => ({
      name,
      run: async (seed: number) => {
        const user = await createCliUser();
        user.env["SIFSHELF_LIBRARY"] = proxy.url;
        try {
          await work({ proxy, image, user, random: seededRandom(seed) });
        } finally {
          await user.remove();
        }
        return WHOLE;
      },
    });
    return {
      variants: [
        variant("one name", (run) => pullTogether(run, () => "tool.sif")),
        variant("one name each", (run) => pullTogether(run, (index) => `tool-${index}.sif`)),
        variant("one name, beside abandoned partial files", pullBesideLeftOnes),
        variant("beside a stopped writer that continues with wrong bytes", outliveStopped),
      ],
      close: async () => {
        await proxy.close();
        await library.close();
        await author.remove();
      },
    };
  },
};

function startPull({ user }: Run, name: string): ChildProcess {
  return user.start(["pull", "--quiet", "-o", name, REF]);
}

/** All succeed, and every name has the image. */
async function pullTogether(run: Run, nameOf: (index: number) => string): Promise<void> {
  void run.proxy.begin(Infinity);
  const names = Array.from({ length: PULLERS }, (_, index) => nameOf(index));
  const results = await Promise.all(names.map((name) => finish(startPull(run, name))));
  for (const { exit, stderr } of results) assert.deepEqual([exit, stderr], [0, ""]);
  await assertImages(run, names);
}

async function assertImages({ user, image }: Run, names: readonly string[]): Promise<void> {
  for (const name of new Set(names)) {
    assert.equal(await fileSha256(join(user.folder, name)), image.sha256, "WRONG FILE");
  }
}

async function assertNothingElse({ user }: Run, names: readonly string[]): Promise<void> {
  const left = (await readdir(user.folder)).toSorted();
  assert.deepEqual(left, [...new Set(names)].toSorted(), "something was left beside the files");
}

/**
 * Two partial files of killed processes; one appears to belong to another machine that was silent
 * for long.
 */
async function pullBesideLeftOnes(run: Run): Promise<void> {
  const { user, proxy, random } = run;
  for (const name of ["tool.sif", "other.sif"]) {
    const halted = proxy.begin(Math.floor((0.3 + random() * 0.6) * run.image.size));
    const child = startPull(run, name);
    const finished = finish(child);
    await Promise.race([halted, finished]);
    child.kill("SIGKILL");
    await finished;
    if (name === "tool.sif") await passForElsewhere(user.folder);
  }
  await pullTogether(run, () => "tool.sif");
  // Another process starts when all are done, and finds nothing to fetch.
  await finish(startPull(run, "tool.sif"));
  const names = (await readdir(user.folder)).filter((name) => name.endsWith(".sif"));
  await assertImages(run, names);
  assert.deepEqual(names, ["tool.sif"]);
}

/** As that of another machine whose process stopped and is presumed dead. */
async function passForElsewhere(folder: string): Promise<void> {
  await changeOwners(folder, (owner) => ({ ...owner, host: "another-machine" }));
  const before = new Date(Date.now() - 10 * 60_000);
  for (const name of await journalsIn(folder)) await utimes(join(folder, name), before, before);
}

/** Longer than a pull assumes without a check that it owns its partial file, in milliseconds. */
const STOPPED_MS = 1_500;

/**
 * A writer is stopped between its parts, and the bytes it receives next are wrong. Others take over
 * its partial file and finish. Once it continues, it must not change the finished image.
 */
async function outliveStopped(run: Run): Promise<void> {
  const { user, proxy, image, random } = run;
  const halted = proxy.begin(Math.floor((0.3 + random() * 0.5) * image.size));
  const late = startPull(run, "tool.sif");
  const finished = finish(late);
  try {
    await Promise.race([halted, finished]);
    await untilJournalled(user.folder);
    late.kill("SIGSTOP");
    await passForElsewhere(user.folder);
    proxy.spoil();
    const stopped = pause(STOPPED_MS);
    await pullTogether(run, (index) => (index % 2 === 0 ? "tool.sif" : `tool-${index}.sif`));
    await stopped;
  } finally {
    late.kill("SIGCONT");
  }
  const { exit, stderr } = await finished;
  assert.deepEqual([exit, stderr], [0, ""]);
  const names = (await readdir(user.folder)).filter((name) => name.endsWith(".sif"));
  await assertImages(run, names);
  await assertNothingElse(run, names);
}

/** Resolves once there is a partial file to take over. */
async function untilJournalled(folder: string): Promise<void> {
  const deadlineMs = Date.now() + 30_000;
  for (;;) {
    const [name] = await journalsIn(folder);
    const text = name === undefined ? "" : await readFile(join(folder, name), "utf8");
    if (text.includes('"stretch"')) return;
    assert.ok(Date.now() < deadlineMs, "nothing was journalled");
    await pause(10);
  }
}
