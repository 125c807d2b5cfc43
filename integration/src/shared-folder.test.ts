import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { once } from "node:events";

import { writeSifFile, type WrittenSif } from "@sifshelf/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { type CliUser, createCliUser, finish } from "./cli-process.js";
import { type CountingProxy, startCountingProxy } from "./counting-proxy.js";
import { T12 } from "./fault-runs/cases/t12-shared-folder.js";
import { journalledRanges } from "./fault-runs/journals.js";
import { runCase } from "./fault-runs/run-case.js";
import { startTestLibrary, type TestLibrary } from "./test-library.js";

const MIB = 1024 * 1024;
const REF = "admin/images/tool:1.0";
const SEED = 7;

describe("many pulls into one folder", () => {
  it("all succeed, beside a stopped writer that continues with wrong bytes", async () => {
    const variant = "a stopped writer";
    const entry = await runCase(T12, { firstSeed: SEED, seeds: 1, command: "", variant });
    expect(entry.rows.map(({ runs, broken }) => [runs, broken])).toEqual([[1, []]]);
  }, 300_000);
});

const hasFlock = spawnSync("flock", ["--version"]).status === 0;

describe("file locks", () => {
  let library: TestLibrary;
  let proxy: CountingProxy;
  let user: CliUser;
  let image: WrittenSif;
  beforeAll(async () => {
    library = await startTestLibrary();
    proxy = await startCountingProxy(library.url);
    const author = await createCliUser();
    const env = { SIFSHELF_LIBRARY: library.url, SIFSHELF_TOKEN: library.adminToken };
    Object.assign(author.env, env);
    image = await writeSifFile(join(author.folder, "a.sif"), { seed: 3, payloadBytes: 24 * MIB });
    expect((await author.run(["push", "a.sif", REF])).exit).toBe(0);
    await author.remove();
  });
  afterAll(async () => {
    await proxy.close();
    await library.close();
  });
  beforeEach(async () => {
    user = await createCliUser();
    user.env["SIFSHELF_LIBRARY"] = proxy.url;
  });
  afterEach(() => user.remove());

  /**
   * Pulls until most of the image has arrived, calls `look` while the process waits for more, then
   * kills it.
   */
  async function pullHalf(look: (pid: number) => Promise<void> = async () => {}): Promise<void> {
    const halted = proxy.begin(16 * MIB);
    const child = user.start(["pull", "--quiet", REF]);
    const finished = finish(child);
    await Promise.race([halted, finished]);
    while ((await journalledRanges(user.folder)).length === 0 && child.exitCode === null) {
      await new Promise((resolve) => void setTimeout(resolve, 10));
    }
    await look(child.pid ?? 0);
    child.kill("SIGKILL");
    await finished;
  }

  it.skipIf(!existsSync("/proc/locks"))("are not held by a pull (Linux)", async () => {
    let locks = "";
    await pullHalf(async (pid) => {
      locks = await readFile("/proc/locks", "utf8");
      expect(await readdir(`/proc/${pid}/fd`)).not.toEqual([]);
      const holders = locks.split("\n").map((line) => line.trim().split(/\s+/)[4]);
      expect(holders).not.toContain(String(pid));
    });
  });

  it.skipIf(!hasFlock)("of others on a partial file keep no pull from it (flock)", async () => {
    await pullHalf();
    const there = await journalledRanges(user.folder);
    const names = await readdir(user.folder);
    const holders = names.map((name) =>
      spawn("flock", ["-x", join(user.folder, name), "sh", "-c", "echo held; exec sleep 100"], {
        stdio: ["ignore", "pipe", "ignore"],
        detached: true,
      }),
    );
    try {
      await Promise.all(holders.map(({ stdout }) => once(createInterface(stdout), "line")));
      void proxy.begin(Infinity);
      const { exit, stderr } = await user.run(["pull", "--quiet", REF]);
      expect([exit, stderr]).toEqual([0, ""]);
      const thereBytes = there.reduce((sum, { length }) => sum + length, 0);
      expect(thereBytes).toBeGreaterThan(0);
      expect(proxy.partBytes).toBe(image.size - thereBytes);
    } finally {
      // The shell and its child, as a process group.
      for (const { pid = 0 } of holders) process.kill(-pid, "SIGKILL");
    }
  });
});
