import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { type Catalog, inTransaction } from "../catalog.js";
import { NOW_MS, type OpenedCatalog } from "../fixtures.contract.js";
import {
  claimJob,
  deleteDoneJobs,
  endJob,
  hasDueJob,
  type JobClaim,
  type JobEnd,
  orphanAllJobs,
  putJob,
  renewJob,
  saveJobProgress,
} from "./jobs.js";

const KINDS = ["inspect"];

/** What every catalog must do with jobs. */
export function describeJobs(openCatalog: () => Promise<OpenedCatalog>): void {
  describe("jobs", () => {
    let opened: OpenedCatalog;
    let catalog: Catalog;

    const put = (key: string, extra: { delayMs?: number; nowMs?: number } = {}) =>
      putJob(catalog, { kind: "inspect", key, nowMs: NOW_MS, ...extra });
    /** Claims a job for 10 ms. */
    const claim = (owner: string, nowMs = NOW_MS) =>
      claimJob(catalog, { kinds: KINDS, owner, leaseMs: 10, nowMs });
    const end = (job: JobClaim, how: JobEnd, nowMs = NOW_MS) => endJob(catalog, job, how, nowMs);
    const done: JobEnd = { state: "done", result: null };

    beforeEach(async () => {
      opened = await openCatalog();
      catalog = opened.catalog;
    });
    afterEach(() => opened.close());

    it("are claimed once, those that have been due longest first", async () => {
      await put("b", { delayMs: 1 });
      await put("a", { delayMs: 2 });

      expect(await hasDueJob(catalog, KINDS, NOW_MS)).toBe(false);
      expect(await claim("me")).toBeUndefined();
      expect(await hasDueJob(catalog, KINDS, NOW_MS + 1)).toBe(true);
      expect(await claim("me", NOW_MS + 2)).toMatchObject({
        kind: "inspect",
        key: "b",
        owner: "me",
        attempts: 1,
        progress: null,
      });
      expect(await claim("you", NOW_MS + 2)).toMatchObject({ key: "a" });
      expect(await hasDueJob(catalog, KINDS, NOW_MS + 2)).toBe(false);
      expect(await claim("you", NOW_MS + 2)).toBeUndefined();
    });

    it("are claimed only by those that know the kind", async () => {
      await put("a");

      expect(await hasDueJob(catalog, ["other"], NOW_MS)).toBe(false);
      expect(
        await claimJob(catalog, { kinds: ["other"], owner: "me", leaseMs: 10, nowMs: NOW_MS }),
      ).toBeUndefined();
    });

    it("are enqueued with the transaction or not at all", async () => {
      const failing = inTransaction(catalog, {}, async (transaction) => {
        await putJob(transaction, { kind: "inspect", key: "a", nowMs: NOW_MS });
        throw new Error("fault");
      });

      await expect(failing).rejects.toThrow("fault");
      expect(await claim("me")).toBeUndefined();
    });

    it("go to another owner when the lease has ended; the first one changes nothing then", async () => {
      await put("a");
      const first = (await claim("me"))!;

      expect(await claim("you", NOW_MS + 9)).toBeUndefined();
      const second = (await claim("you", NOW_MS + 10))!;
      expect(second).toMatchObject({ key: "a", attempts: 2 });
      expect(second.fence).toBeGreaterThan(first.fence);
      expect(await renewJob(catalog, first, { leaseMs: 10, nowMs: NOW_MS })).toBe(false);
      expect(await saveJobProgress(catalog, first, "half")).toBe(false);
      expect(await end(first, done)).toBe(false);
      expect(await end(second, done)).toBe(true);
      expect(await end(second, done)).toBe(false);
    });

    it("stay with an owner that renews, also late", async () => {
      await put("a");
      const first = (await claim("me"))!;

      expect(await renewJob(catalog, first, { leaseMs: 10, nowMs: NOW_MS + 9 })).toBe(true);
      expect(await claim("you", NOW_MS + 18)).toBeUndefined();
      expect(await renewJob(catalog, first, { leaseMs: 10, nowMs: NOW_MS + 30 })).toBe(true);
      expect(await claim("you", NOW_MS + 39)).toBeUndefined();
    });

    it("go on from what was saved, and count attempts from there", async () => {
      await put("a");
      const first = (await claim("me"))!;
      expect(await saveJobProgress(catalog, first, "half")).toBe(true);

      const second = (await claim("you", NOW_MS + 10))!;
      expect(second).toMatchObject({ progress: "half", attempts: 2 });
      await end(second, { state: "retry", error: "fault", delayMs: 5 });
      expect(await claim("you", NOW_MS + 4)).toBeUndefined();
      expect(await claim("you", NOW_MS + 5)).toMatchObject({ progress: "half", attempts: 3 });
    });

    it("start from the beginning when they are done and start again", async () => {
      await put("a");
      const first = (await claim("me"))!;
      await saveJobProgress(catalog, first, "half");
      await end(first, { state: "again", result: "3", delayMs: 5 });

      expect(await claim("me", NOW_MS + 4)).toBeUndefined();
      expect(await claim("me", NOW_MS + 5)).toMatchObject({ progress: null, attempts: 1 });
    });

    it("do not count an attempt that was given back", async () => {
      await put("a");
      await end((await claim("me"))!, { state: "released" });

      expect(await claim("you")).toMatchObject({ attempts: 1 });
    });

    it("end when they are done or have failed, until they are enqueued again", async () => {
      for (const how of [done, { state: "failed", error: "fault" }] as const) {
        await put("a");
        await end((await claim("me"))!, how);

        expect(await claim("me", NOW_MS + 1e9)).toBeUndefined();
        await put("a", { delayMs: 3 });
        expect(await claim("me", NOW_MS + 2)).toBeUndefined();
        const again = (await claim("me", NOW_MS + 3))!;
        expect(again).toMatchObject({ attempts: 1, progress: null });
        await end(again, done);
      }
    });

    it("are one when enqueued twice, and start at the earlier time", async () => {
      await put("a", { delayMs: 5 });
      await put("a", { delayMs: 9 });
      await put("a", { delayMs: 3 });
      await put("a", { delayMs: 7 });

      expect(await claim("me", NOW_MS + 2)).toBeUndefined();
      expect(await claim("me", NOW_MS + 3)).toBeDefined();
      expect(await claim("me", NOW_MS + 9)).toBeUndefined();
    });

    it("run again when they were enqueued while they ran, whatever their end", async () => {
      const ends: JobEnd[] = [
        done,
        { state: "failed", error: "fault" },
        { state: "again", result: null, delayMs: 1000 },
        { state: "retry", error: "fault", delayMs: 1000 },
      ];
      await put("a");
      for (const how of ends) {
        const running = (await claim("me"))!;
        await put("a", { delayMs: 1000 });
        expect(await claim("you")).toBeUndefined();

        expect(await end(running, how)).toBe(true);
        expect(await hasDueJob(catalog, KINDS, NOW_MS)).toBe(true);
      }
      await end((await claim("me"))!, done);
      expect(await hasDueJob(catalog, KINDS, NOW_MS + 1e9)).toBe(false);
    });

    it("can all be orphaned at once", async () => {
      await put("a");
      const first = (await claim("me"))!;
      await orphanAllJobs(catalog);

      expect(await claim("you")).toMatchObject({ key: "a" });
      expect(await end(first, done)).toBe(false);
    });

    it("are deleted some time after they were done, in batches; others never", async () => {
      for (const key of ["a", "b", "c"]) {
        await put(key);
        await end((await claim("me"))!, done);
      }
      await put("failed");
      await end((await claim("me"))!, { state: "failed", error: "fault" });
      await put("waits");
      const forget = (nowMs: number) => deleteDoneJobs(catalog, { ageMs: 5, limit: 2, nowMs });

      expect(await forget(NOW_MS + 4)).toBe(0);
      expect(await forget(NOW_MS + 5)).toBe(2);
      expect(await forget(NOW_MS + 5)).toBe(1);
      expect(await forget(NOW_MS + 1e9)).toBe(0);
      expect(await claim("me")).toMatchObject({ key: "waits" });
    });

    it("have another id when they are made again, so that old claims do not fit", async () => {
      await put("a");
      const first = (await claim("me"))!;
      await end(first, done);
      await deleteDoneJobs(catalog, { ageMs: 0, limit: 9, nowMs: NOW_MS });
      await put("a");
      const second = (await claim("me"))!;

      expect(second.fence).toBe(first.fence);
      expect(await end(first, done)).toBe(false);
      expect(await end(second, done)).toBe(true);
    });
  });
}
