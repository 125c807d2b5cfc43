import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { Catalog } from "../catalog.js";
import { NOW_MS, type OpenedCatalog } from "../fixtures.contract.js";
import {
  deleteEndedLeases,
  isLeased,
  isLeaseHeldBy,
  releaseAllLeases,
  releaseLease,
  renewLease,
  takeLease,
} from "./leases.js";

const NAME = "upload:1";

/** What every catalog must do with leases. */
export function describeLeases(openCatalog: () => Promise<OpenedCatalog>): void {
  describe("leases", () => {
    let opened: OpenedCatalog;
    let catalog: Catalog;

    /** Takes a lease of 10 ms; a claim, or undefined while another holds it. */
    const take = async (owner: string, nowMs: number, name = NAME) => {
      const fence = await takeLease(catalog, { name, owner, durationMs: 10, nowMs });
      return fence === undefined ? undefined : { name, owner, fence };
    };

    beforeEach(async () => {
      opened = await openCatalog();
      catalog = opened.catalog;
    });
    afterEach(() => opened.close());

    it("gives a name to one owner until its time is up", async () => {
      const first = (await take("a", NOW_MS))!;

      expect(await take("b", NOW_MS + 9)).toBeUndefined();
      expect(await isLeased(catalog, NAME, NOW_MS + 9)).toBe(true);
      expect(await isLeased(catalog, NAME, NOW_MS + 10)).toBe(false);
      expect(await isLeaseHeldBy(catalog, first)).toBe(true);
      const second = (await take("b", NOW_MS + 10))!;
      expect(second.fence).toBeGreaterThan(first.fence);
      expect(await isLeaseHeldBy(catalog, first)).toBe(false);
      expect(await isLeaseHeldBy(catalog, second)).toBe(true);
    });

    it("lets the owner renew while nobody else has taken it", async () => {
      const first = (await take("a", NOW_MS))!;
      const renew = (nowMs: number) => renewLease(catalog, first, { durationMs: 10, nowMs });

      expect(await renew(NOW_MS + 9)).toBe(true);
      expect(await take("b", NOW_MS + 18)).toBeUndefined();
      // Late, but nobody has come meanwhile.
      expect(await renew(NOW_MS + 30)).toBe(true);
      expect(await take("b", NOW_MS + 40)).toBeDefined();
      expect(await renew(NOW_MS + 41)).toBe(false);
    });

    it("is free once it is released, and only its holder can release it", async () => {
      const first = (await take("a", NOW_MS))!;
      await releaseLease(catalog, { ...first, owner: "b" });
      await releaseLease(catalog, { ...first, fence: first.fence - 1 });

      expect(await take("b", NOW_MS)).toBeUndefined();
      await releaseLease(catalog, first);
      expect(await isLeaseHeldBy(catalog, first)).toBe(false);
      expect(await renewLease(catalog, first, { durationMs: 10, nowMs: NOW_MS })).toBe(false);
      expect(await take("b", NOW_MS)).toBeDefined();
    });

    it("gives a name to its own owner again, under a new fence", async () => {
      const first = (await take("a", NOW_MS))!;
      const second = (await take("a", NOW_MS))!;

      expect(second.fence).toBeGreaterThan(first.fence);
      expect(await isLeaseHeldBy(catalog, first)).toBe(false);
    });

    it("never repeats a fence of a name, also when rows were deleted", async () => {
      const fences: number[] = [];
      const forget = (nowMs: number) => deleteEndedLeases(catalog, { ageMs: 5, limit: 9, nowMs });
      for (let round = 0; round < 4; round++) {
        const nowMs = NOW_MS + round * 100;
        const claim = (await take("a", nowMs))!;
        await take("b", nowMs, `upload:other-${round}`);
        fences.push(claim.fence);
        await releaseLease(catalog, claim);
        expect(await forget(nowMs + 50)).toBeGreaterThan(0);
        expect(await forget(nowMs + 50)).toBe(0);
      }

      expect(fences).toEqual([...new Set(fences)].toSorted((a, b) => a - b));
    });

    it("keeps leases that have not ended for long enough, and deletes in batches", async () => {
      for (const n of [1, 2, 3, 4]) await take("a", NOW_MS, `upload:${n}`);
      const forget = (nowMs: number) => deleteEndedLeases(catalog, { ageMs: 5, limit: 2, nowMs });

      expect(await forget(NOW_MS + 14)).toBe(0);
      expect(await forget(NOW_MS + 15)).toBe(2);
      expect(await forget(NOW_MS + 15)).toBe(1);
    });

    it("frees all at once", async () => {
      const first = (await take("a", NOW_MS))!;
      await releaseAllLeases(catalog);

      expect(await isLeaseHeldBy(catalog, first)).toBe(false);
      expect(await take("b", NOW_MS)).toBeDefined();
    });

    it("goes by the database's clock, which is near the system's here", async () => {
      const before = Date.now();
      await takeLease(catalog, { name: NAME, owner: "a", durationMs: 60_000 });

      expect(await isLeased(catalog, NAME)).toBe(true);
      expect(await isLeased(catalog, NAME, before + 59_000)).toBe(true);
      expect(await isLeased(catalog, NAME, Date.now() + 61_000)).toBe(false);
    });
  });
}
