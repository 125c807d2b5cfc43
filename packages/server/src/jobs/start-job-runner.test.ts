import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { Catalog } from "../catalog/catalog.js";
import { NOW_MS } from "../catalog/fixtures.contract.js";
import { claimJob, putJob } from "../catalog/work/jobs.js";
import { openCatalog } from "../catalog/open/open-catalog.js";
import { Fault } from "../faults/fault.js";
import type { Job, JobHandler } from "./job.js";
import { createJobWaker } from "./job-waker.js";
import { type JobRunner, type JobRunnerOptions, startJobRunner } from "./start-job-runner.js";

let folder: string;
let catalog: Catalog;
let clock: { nowMs: number };
let logged: object[];
let runners: JobRunner[];
let waker: ReturnType<typeof createJobWaker>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sifshelf-jobs-"));
  catalog = await openCatalog({ kind: "sqlite", path: join(folder, "catalog.sqlite") });
  clock = { nowMs: NOW_MS };
  logged = [];
  runners = [];
  waker = createJobWaker();
});
afterEach(async () => {
  await Promise.all(runners.map((runner) => runner.stop()));
  await catalog.close();
  await rm(folder, { recursive: true });
});

function start(
  handlers: Record<string, JobHandler>,
  options: Partial<JobRunnerOptions> = {},
): JobRunner {
  const log = { error: (facts: object) => void logged.push(facts) };
  const now = () => clock.nowMs;
  const runner = startJobRunner({ catalog, waker, handlers, log, now, ...options });
  runners.push(runner);
  return runner;
}

const enqueue = (key: string, delayMs = 0) =>
  putJob(catalog, { kind: "inspect", key, delayMs, nowMs: clock.nowMs });

const claim = (nowMs = clock.nowMs) =>
  claimJob(catalog, { kinds: ["inspect"], owner: "another process", leaseMs: 30_000, nowMs });

/** The rows of jobs, by a connection of its own. */
function rows(): Record<string, unknown>[] {
  const database = new Database(join(folder, "catalog.sqlite"), { readonly: true });
  try {
    const text = "select kind, key, state, run_at, attempts, progress, result, error from jobs";
    return database
      .prepare<[], Record<string, unknown>>(`${text} where kind <> 'fill-inspections' order by key`)
      .all();
  } finally {
    database.close();
  }
}

/** Until the row of that key is as wanted. */
const untilRow = (key: string, wanted: object) =>
  vi.waitFor(() => expect(rows().find((row) => row["key"] === key)).toMatchObject(wanted), 5000);

describe("startJobRunner", () => {
  describe("when there are jobs", () => {
    it("does each once, one of a kind at a time, and keeps the results", async () => {
      const done: string[] = [];
      let working = 0;
      for (const key of ["a", "b", "c"]) {
        await enqueue(key);
        clock.nowMs += 1;
      }
      const run = async ({ key }: Job) => {
        working += 1;
        expect(working).toBe(1);
        await new Promise(setImmediate);
        working -= 1;
        done.push(key);
        return `result of ${key}`;
      };
      start({ inspect: { run } });
      await untilRow("c", { state: "done", result: "result of c", error: null });
      expect(done).toEqual(["a", "b", "c"]);
      expect(logged).toEqual([]);
    });

    it("does kinds side by side, and leaves those that it does not know", async () => {
      const met = { inspect: () => {}, other: () => {} };
      const meeting = Promise.all([
        new Promise<void>((resolve) => void (met.inspect = resolve)),
        new Promise<void>((resolve) => void (met.other = resolve)),
      ]);
      const meet = (kind: keyof typeof met) => async () => {
        met[kind]();
        await meeting;
      };
      await enqueue("a");
      await putJob(catalog, { kind: "other", key: "b", nowMs: NOW_MS });
      await putJob(catalog, { kind: "later", key: "c", nowMs: NOW_MS });
      start({ inspect: { run: meet("inspect") }, other: { run: meet("other") } });
      await untilRow("a", { state: "done" });
      await untilRow("b", { state: "done" });
      await untilRow("c", { state: "ready", attempts: 0 });
    });
  });

  describe("when it is idle", () => {
    it("starts at once when it is woken", async () => {
      const run = vi.fn<JobHandler["run"]>(async () => {});
      start({ inspect: { run } });
      await new Promise((resolve) => setTimeout(resolve, 50));
      await enqueue("a");
      const wokenAtMs = performance.now();
      waker.wake();
      await vi.waitFor(() => expect(run).toHaveBeenCalled(), 5000);
      expect(performance.now() - wokenAtMs).toBeLessThan(900);
    });

    it("finds by itself what another process enqueues", async () => {
      start({ inspect: { run: async () => {} } });
      await new Promise((resolve) => setTimeout(resolve, 50));
      await enqueue("a");
      await untilRow("a", { state: "done" });
    });

    it("writes nothing", async () => {
      const database = new Database(join(folder, "catalog.sqlite"), { readonly: true });
      const version = () => database.pragma("data_version", { simple: true });
      start({ inspect: { run: async () => {} } });
      await new Promise((resolve) => setTimeout(resolve, 50));
      const before = version();
      for (let look = 0; look < 20; look++) {
        waker.wake();
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      expect(version()).toBe(before);
      await enqueue("a");
      expect(version()).not.toBe(before);
      database.close();
    });
  });

  describe("when a job fails", () => {
    it("logs that, and tries again after 2 s, 4 s, … at most 10 minutes, from what was saved", async () => {
      const seen: (string | null)[] = [];
      const run = async (job: Job) => {
        seen.push(job.progress);
        if (job.attempts === 1) await job.saveProgress("half");
        throw new Error(`fault ${job.attempts}`);
      };
      await enqueue("a");
      start({ inspect: { run } });
      for (const [attempt, waitMs] of [2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600].entries()) {
        const attempts = attempt + 1;
        const wanted = { state: "ready", attempts, error: `fault ${attempts}`, progress: "half" };
        await untilRow("a", { ...wanted, run_at: clock.nowMs + waitMs * 1000 });
        clock.nowMs += waitMs * 1000;
        waker.wake();
      }
      expect(seen.slice(0, 3)).toEqual([null, "half", "half"]);
      expect(logged.slice(0, 2)).toEqual([
        { job: "inspect", key: "a", attempts: 1, err: new Error("fault 1") },
        { job: "inspect", key: "a", attempts: 2, err: new Error("fault 2") },
      ]);
    });

    it("gives up after 20 attempts, until it is enqueued again", async () => {
      const run = vi.fn<JobHandler["run"]>(() => Promise.reject(new Error("fault")));
      await enqueue("a");
      start({ inspect: { run } });
      for (let attempts = 1; attempts < 20; attempts++) {
        await untilRow("a", { state: "ready", attempts });
        clock.nowMs += 600_000;
        waker.wake();
      }
      await untilRow("a", { state: "failed", attempts: 20, error: "fault" });
      expect(run).toHaveBeenCalledTimes(20);
      run.mockImplementation(async () => "better");
      await enqueue("a");
      waker.wake();
      await untilRow("a", { state: "done", result: "better", error: null });
    });

    it("gives up a job whose process died in every attempt", async () => {
      await enqueue("a");
      for (let attempt = 0; attempt < 20; attempt++) {
        await claim();
        clock.nowMs += 30_000;
      }
      const run = vi.fn<JobHandler["run"]>(async () => {});
      start({ inspect: { run } });
      await untilRow("a", { state: "failed", error: expect.stringMatching(/died/) });
      expect(run).not.toHaveBeenCalled();
    });
  });

  describe("when a kind is periodic", () => {
    it("runs at the start and again after its time, and after failures too", async () => {
      const run = vi.fn<JobHandler["run"]>(async () => "1");
      start({ tidy: { run, everyMs: 60_000 } });
      await untilRow("", { state: "ready", result: "1", run_at: NOW_MS + 60_000 });
      run.mockImplementation(() => Promise.reject(new Error("fault")));
      for (let attempts = 1; attempts <= 25; attempts++) {
        clock.nowMs += 60_000;
        waker.wake();
        await untilRow("", { state: "ready", attempts, error: "fault" });
      }
      expect(run).toHaveBeenCalledTimes(26);
    });
  });

  describe("when it is stopped", () => {
    it("tells jobs, waits for them, and gives them back with their progress", async () => {
      let began = () => {};
      const beginning = new Promise<void>((resolve) => void (began = resolve));
      const run = async ({ signal, saveProgress }: Job) => {
        await saveProgress("half");
        began();
        await new Promise((resolve) => {
          signal.addEventListener("abort", resolve);
        });
        await new Promise(setImmediate);
        signal.throwIfAborted();
      };
      await enqueue("a");
      await enqueue("b");
      const runner = start({ inspect: { run } });
      await beginning;
      await runner.stop();
      expect(rows()).toMatchObject([
        { key: "a", state: "ready", progress: "half", attempts: 0 },
        { key: "b", state: "ready", attempts: 0 },
      ]);
      expect(await claim()).toMatchObject({ progress: "half" });
      expect(logged).toEqual([]);
    });
  });

  describe("when it loses a job to another process", () => {
    it("aborts the job, and changes nothing of what the other does", async () => {
      const times = { durationMs: 30_000, renewEveryMs: 5, giveUpMs: 25_000 };
      let reason: unknown;
      let isStarted = false;
      const run = async ({ signal }: Job) => {
        isStarted = true;
        await new Promise((resolve) => {
          signal.addEventListener("abort", resolve);
        });
        reason = signal.reason;
        return "late";
      };
      await enqueue("a");
      start({ inspect: { run } }, { times });
      await vi.waitFor(() => expect(isStarted).toBe(true));
      expect(await claim(clock.nowMs + 40_000)).toMatchObject({ key: "a", attempts: 2 });
      await vi.waitFor(() => expect(reason).toBeInstanceOf(Error));
      await runners[0]?.stop();
      expect(rows()).toMatchObject([{ key: "a", state: "running", result: null }]);
    });

    it("refuses progress of the one that has lost it", async () => {
      let saved: unknown;
      const run = async ({ saveProgress }: Job) => {
        await claim(clock.nowMs + 40_000);
        saved = await saveProgress("half").catch((error: unknown) => error);
        throw saved;
      };
      await enqueue("a");
      start({ inspect: { run } });
      await vi.waitFor(() => expect(saved).toBeInstanceOf(Error));
      await runners[0]?.stop();
      expect(rows()).toMatchObject([{ state: "running", progress: null }]);
      expect(logged).toEqual([]);
    });
  });

  describe("when there is no room to claim jobs", () => {
    it("makes room, without the catalog, and goes on", async () => {
      const full = new Fault("storage-full", "full");
      let isFull = true;
      const failing = new Proxy(catalog, {
        get: (target, name) => {
          if (isFull) throw full;
          return Reflect.get(target, name) as unknown;
        },
      });
      const makeRoom = vi.fn<() => Promise<void>>(async () => {
        isFull = false;
      });
      await enqueue("a");
      start({ inspect: { run: async () => {} } }, { catalog: failing, makeRoom });
      await untilRow("a", { state: "done" });
      expect(makeRoom).toHaveBeenCalledTimes(1);
      expect(logged).toEqual([{ err: full }]);
    });
  });
});
