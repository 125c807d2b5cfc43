import { buildSif } from "@sifshelf/testing";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { BlobStore } from "../blobs/blob-store.js";
import { deleteImage } from "../catalog/images.js";
import { findInspection, findLabels } from "../catalog/inspections.js";
import { hasDueJob } from "../catalog/work/jobs.js";
import { createJobWaker } from "../jobs/job-waker.js";
import { type JobRunner, startJobRunner } from "../jobs/start-job-runner.js";
import { inspectBlob } from "../library/inspect-blob.js";
import {
  bodyOf,
  createTestLibrary,
  digestOf,
  type TestLibrary,
} from "../library/uploads/fixtures.contract.js";
import { receiveV1Upload } from "../library/uploads/receive-v1-upload.js";
import { collectBlobs } from "./collect-blobs.js";
import { WHOLE_TASK } from "./fixtures.contract.js";
import { upkeepJobs } from "./upkeep-jobs.js";

const SIF = buildSif({ labels: { version: "1" } });
const DIGEST = digestOf(SIF);

let site: TestLibrary;
let waker: ReturnType<typeof createJobWaker>;
let runner: JobRunner | undefined;
let logged: object[];
/** What happens before stored bytes are opened. */
let beforeOpening: () => Promise<void>;
/** The catalog's time is the system's and this. */
let aheadMs: number;

beforeEach(async () => {
  logged = [];
  aheadMs = 0;
  beforeOpening = async () => {};
  const spoil = (blobs: BlobStore): BlobStore => ({
    ...blobs,
    openBlob: async (digest) => {
      await beforeOpening();
      return blobs.openBlob(digest);
    },
  });
  waker = createJobWaker();
  site = await createTestLibrary({ spoil, jobs: waker });
});

afterEach(async () => {
  await runner?.stop();
  await site.close();
});

const now = () => Date.now() + aheadMs;

function start(): JobRunner {
  const log = { info: () => {}, error: (facts: object) => void logged.push(facts) };
  const { catalog } = site.library;
  const { inspect } = upkeepJobs(site.library, log);
  runner = startJobRunner({ catalog, waker, handlers: { inspect }, log, now });
  return runner;
}

const push = async (bytes = SIF) =>
  receiveV1Upload(site.library, site.alice, await site.imageOf(bytes), bodyOf(bytes));

const labels = () => findLabels(site.library.catalog, DIGEST);

function createGate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

const untilInspected = (digest = DIGEST) =>
  vi.waitFor(
    async () => expect(await findInspection(site.library.catalog, digest)).toBeDefined(),
    10_000,
  );

const isWaiting = () => hasDueJob(site.library.catalog, ["inspect"], now() + 3_600_000);

describe("the inspection of uploaded images", () => {
  describe("when an image is uploaded", () => {
    it("inspects it at once", async () => {
      start();
      await new Promise((resolve) => setTimeout(resolve, 50));
      const pushedAtMs = performance.now();
      await push();
      await untilInspected();
      expect(performance.now() - pushedAtMs).toBeLessThan(900);
      expect(await labels()).toEqual({ version: "1" });
      expect(logged).toEqual([]);
    });

    it("lets the upload complete before it is inspected", async () => {
      const gate = createGate();
      beforeOpening = () => gate.opened;
      start();
      expect(await push()).toMatchObject({ isUploaded: true });
      expect(await labels()).toBeUndefined();
      gate.open();
      await untilInspected();
      expect(await labels()).toEqual({ version: "1" });
    });

    it("enqueues nothing for bytes that were inspected before", async () => {
      start();
      await push();
      await untilInspected();
      await runner?.stop();
      expect(await isWaiting()).toBe(false);
      const second = await site.imageOf(SIF, "second");
      await receiveV1Upload(site.library, site.alice, second, bodyOf(SIF));
      expect(await isWaiting()).toBe(false);
    });
  });

  describe("when the process died before images were inspected", () => {
    it("inspects them after the restart", async () => {
      const images = [1, 2, 3].map((seed) => buildSif({ seed }));
      for (const bytes of images) await push(bytes);
      start();
      for (const bytes of images) await untilInspected(digestOf(bytes));
    });
  });

  describe("when inspecting fails", () => {
    it("keeps the upload, logs it, and tries again later", async () => {
      const err = new Error("fault");
      beforeOpening = () => Promise.reject(err);
      start();
      expect(await push()).toMatchObject({ isUploaded: true, arch: "amd64" });
      await vi.waitFor(() => expect(logged).toHaveLength(1));
      expect(await labels()).toBeUndefined();
      expect(logged).toEqual([{ job: "inspect", key: DIGEST, attempts: 1, err }]);
      beforeOpening = async () => {};
      aheadMs = 2000;
      waker.wake();
      await untilInspected();
      expect(await labels()).toEqual({ version: "1" });
    });
  });

  describe("when stored bytes are lost", () => {
    it("logs internal", async () => {
      await push();
      await site.library.blobs.deleteBlob(DIGEST);
      start();
      await vi.waitFor(() => expect(logged).toMatchObject([{ err: { code: "internal" } }]));
    });
  });

  describe("when an image is deleted before its turn", () => {
    it("notes and logs nothing", async () => {
      const gate = createGate();
      const other = buildSif({ seed: 2 });
      beforeOpening = () => gate.opened;
      start();
      await push(other);
      const { id } = await push();
      await deleteImage(site.library.catalog, id);
      site.clock.nowMs += 1;
      expect(await collectBlobs(site.library, WHOLE_TASK)).toBe(1);
      gate.open();
      await untilInspected(digestOf(other));
      await vi.waitFor(async () => expect(await isWaiting()).toBe(false));
      expect(await labels()).toBeUndefined();
      expect(logged).toEqual([]);
    });
  });

  describe("when many are uploaded at once", () => {
    it("inspects one at a time, and all", async () => {
      let open = 0;
      let mostOpen = 0;
      beforeOpening = async () => {
        open += 1;
        mostOpen = Math.max(mostOpen, open);
        await new Promise((resolve) => setImmediate(resolve));
        open -= 1;
      };
      start();
      const images = Array.from({ length: 8 }, (_, seed) => buildSif({ seed: seed + 1 }));
      await Promise.all(images.map((bytes) => push(bytes)));
      for (const bytes of images) await untilInspected(digestOf(bytes));
      expect(mostOpen).toBe(1);
    });
  });

  describe("when it is stopped", () => {
    it("ends what is under way, and leaves what waits to the next process", async () => {
      const gate = createGate();
      let isOpening = false;
      beforeOpening = () => {
        isOpening = true;
        return gate.opened;
      };
      start();
      await push();
      await vi.waitFor(() => expect(isOpening).toBe(true));
      const stopped = runner?.stop();
      gate.open();
      await stopped;
      expect(await labels()).toBeUndefined();
      expect(logged).toEqual([]);
      start();
      await untilInspected();
    });
  });

  describe("when the file is no SIF image and the site allows that", () => {
    it("notes that it is none", async () => {
      const text = Buffer.from("a text, long enough to have a header of 128 bytes ".repeat(5));
      const lax = await createTestLibrary({ settings: { requireSif: false } });
      await receiveV1Upload(lax.library, lax.alice, await lax.imageOf(text), bodyOf(text));
      expect(await inspectBlob(lax.library, digestOf(text))).toBe(true);
      expect(await findInspection(lax.library.catalog, digestOf(text))).toMatchObject({
        problems: [{ code: "not-a-sif" }],
      });
      await lax.close();
    });
  });
});
