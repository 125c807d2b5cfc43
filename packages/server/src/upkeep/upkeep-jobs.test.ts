import { buildSif } from "@sifshelf/testing";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { deleteImage } from "../catalog/images.js";
import { findUpload } from "../catalog/uploads.js";
import { createJobWaker } from "../jobs/job-waker.js";
import { type JobRunner, startJobRunner } from "../jobs/start-job-runner.js";
import type { Library } from "../library/library.js";
import {
  bodyOf,
  createTestLibrary,
  HOUR_MS,
  type TestLibrary,
} from "../library/uploads/fixtures.contract.js";
import { openSingleUpload } from "../library/uploads/open-upload.js";
import { receiveV1Upload } from "../library/uploads/receive-v1-upload.js";
import { upkeepJobs } from "./upkeep-jobs.js";

const SIF = buildSif();

let site: TestLibrary;
let runner: JobRunner | undefined;
let logged: { level: string; facts: object }[];
let nowMs: number;

beforeEach(async () => {
  site = await createTestLibrary();
  logged = [];
  nowMs = Date.now();
});
afterEach(async () => {
  await runner?.stop();
  await site.close();
});

function start(library: Library = site.library) {
  const log = {
    info: (facts: object) => void logged.push({ level: "info", facts }),
    error: (facts: object) => void logged.push({ level: "error", facts }),
  };
  const waker = createJobWaker();
  const { catalog } = library;
  const handlers = upkeepJobs(library, log);
  runner = startJobRunner({ catalog, waker, handlers, log, now: () => nowMs });
  return waker;
}

const untilLogged = (count: number) =>
  vi.waitFor(() => expect(logged.length).toBeGreaterThanOrEqual(count), 10_000);

const byTask = () =>
  logged.toSorted((a, b) => JSON.stringify(a.facts).localeCompare(JSON.stringify(b.facts)));

const openUpload = async () =>
  openSingleUpload(site.library, site.alice, await site.imageOf(SIF), { sizeBytes: SIF.length });

describe("upkeepJobs", () => {
  describe("when a server starts", () => {
    it("does all at once, and says what came of it", async () => {
      const image = await site.imageOf(SIF);
      const { id } = await receiveV1Upload(site.library, site.alice, image, bodyOf(SIF));
      await deleteImage(site.library.catalog, id);
      const expiring = await openUpload();
      await site.library.blobs.uploads.begin({ ...expiring, id: "f".repeat(24) });
      site.clock.nowMs += HOUR_MS - 1;
      await openUpload();
      site.clock.nowMs += 1;
      start();
      await untilLogged(3);
      await runner?.stop();
      expect(await findUpload(site.library.catalog, expiring.id)).toMatchObject({
        state: "aborted",
      });
      expect(await site.library.blobs.uploads.list()).toHaveLength(1);
      expect(byTask()).toMatchObject([
        { level: "info", facts: { task: "collect garbage", count: 1 } },
        { level: "info", facts: { task: "expire uploads", count: 1 } },
        { level: "info", facts: { task: "sweep ended uploads" } },
      ]);
    });
  });

  describe("when minutes have passed", () => {
    it("does it again", async () => {
      const waker = start();
      await new Promise((resolve) => setTimeout(resolve, 100));
      await openUpload();
      site.clock.nowMs += HOUR_MS;
      waker.wake();
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(logged).toEqual([]);
      nowMs += 5 * 60_000;
      waker.wake();
      await untilLogged(1);
      expect(logged[0]).toMatchObject({ level: "info", facts: { count: 1 } });
    });
  });

  describe("when a task fails", () => {
    it("logs that, does the others, and tries it again", async () => {
      const image = await site.imageOf(SIF);
      const { id } = await receiveV1Upload(site.library, site.alice, image, bodyOf(SIF));
      await deleteImage(site.library.catalog, id);
      site.clock.nowMs += 1;
      const err = new Error("fault");
      const uploads = { ...site.library.blobs.uploads, list: () => Promise.reject(err) };
      const blobs = { ...site.library.blobs, uploads };
      const waker = start({ ...site.library, blobs });
      await untilLogged(2);
      expect(byTask()).toMatchObject([
        { level: "error", facts: { job: "sweep-stagings", err, attempts: 1 } },
        { level: "info", facts: { task: "collect garbage", count: 1 } },
      ]);
      nowMs += 2000;
      waker.wake();
      await untilLogged(3);
      expect(logged[2]).toMatchObject({ facts: { job: "sweep-stagings", attempts: 2 } });
    });
  });
});
