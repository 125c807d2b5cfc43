import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import Database from "better-sqlite3";
import { expect, it } from "vitest";

import { inTransaction } from "../catalog/catalog.js";
import { NOW_MS } from "../catalog/fixtures.contract.js";
import { putJob } from "../catalog/work/jobs.js";
import { openCatalog } from "../catalog/open/open-catalog.js";
import type { Job } from "./job.js";
import { createJobWaker } from "./job-waker.js";
import { type JobRunner, startJobRunner } from "./start-job-runner.js";

const JOBS = 300;
const RUNNERS = 4;
/** One attempt in so many never ends, as if its process had died. */
const DIES_EVERY = 40;
/** One attempt in so many wakes after its lease has run out, and ends as if nothing had been. */
const OVERSLEEPS_EVERY = 25;

it(
  "does every job and none twice, whatever holders die or oversleep",
  { timeout: 60_000 },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "sifshelf-dying-"));
    const path = join(folder, "catalog.sqlite");
    const catalog = await openCatalog({ kind: "sqlite", path });
    const clock = { nowMs: NOW_MS };
    await inTransaction(catalog, {}, async (transaction) => {
      for (let n = 0; n < JOBS; n++) {
        await putJob(transaction, { kind: "work", key: String(n), nowMs: NOW_MS });
      }
    });
    // Notes in the catalog itself each time that a job is finished, and whether by its last holder.
    const database = new Database(path);
    database.exec(`
    create table finishes (key text, is_by_last integer);
    create trigger finished after update on jobs when new.state = 'done' begin
      insert into finishes values (new.key, new.result = 'by attempt ' || old.attempts);
    end`);

    const sleepers: (() => void)[] = [];
    let attempts = 0;
    let died = 0;
    let overslept = 0;
    const wakers: ReturnType<typeof createJobWaker>[] = [];
    const runners: JobRunner[] = [];
    /** Another process, also in place of one that dies or sleeps. */
    const startRunner = () => {
      const waker = createJobWaker();
      const run = async (job: Job) => {
        attempts += 1;
        if (attempts % DIES_EVERY === 0) {
          died += 1;
          startRunner();
          await new Promise(() => {});
        }
        if (attempts % OVERSLEEPS_EVERY === 0) {
          overslept += 1;
          startRunner();
          await new Promise<void>((resolve) => void sleepers.push(resolve));
        }
        if (job.attempts > 1) {
          // The one who overslept ends now, while this one works.
          for (const wakeUp of sleepers.splice(0)) wakeUp();
          await delay(5);
        }
        return `by attempt ${job.attempts}`;
      };
      const now = () => clock.nowMs;
      const log = { error: () => {} };
      runners.push(startJobRunner({ catalog, waker, handlers: { work: { run } }, log, now }));
      wakers.push(waker);
    };
    for (let n = 0; n < RUNNERS; n++) startRunner();

    const finishes = () =>
      database
        .prepare<[], { key: string; is_by_last: number }>("select * from finishes order by key")
        .all();
    const stopAll = () => Promise.all(runners.map((runner) => runner.stop()));
    const deadlineMs = Date.now() + 50_000;
    while (finishes().length < JOBS && Date.now() < deadlineMs) {
      await delay(20);
      clock.nowMs += 31_000;
      for (const { wake } of wakers) wake();
    }

    // Those that died never settle; the others end, and count if anything was finished twice.
    for (const wakeUp of sleepers.splice(0)) wakeUp();
    await Promise.race([stopAll(), delay(500)]);
    const keys = Array.from({ length: JOBS }, (_, n) => String(n)).toSorted();
    expect(finishes()).toEqual(keys.map((key) => ({ key, is_by_last: 1 })));
    // Without these the test would show nothing.
    expect(died).toBeGreaterThan(4);
    expect(overslept).toBeGreaterThan(4);
    expect(attempts).toBeGreaterThan(JOBS);
    database.close();
    await catalog.close();
    await rm(folder, { recursive: true });
  },
);
