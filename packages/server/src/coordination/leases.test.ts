import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { type Catalog, inTransaction } from "../catalog/catalog.js";
import { NOW_MS } from "../catalog/fixtures.contract.js";
import { isLeased } from "../catalog/work/leases.js";
import { openCatalog } from "../catalog/open/open-catalog.js";
import { findUserByName, insertUser } from "../catalog/users.js";
import { createLeases, holdLease, type Lease, requireLease } from "./leases.js";

const NAME = "upload:1";

let folder: string;
let catalog: Catalog;
let clock: { nowMs: number };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sifshelf-leases-"));
  catalog = await openCatalog({ kind: "sqlite", path: join(folder, "catalog.sqlite") });
  clock = { nowMs: NOW_MS };
});
afterEach(async () => {
  await catalog.close();
  await rm(folder, { recursive: true });
});

/** A holder as another process would be. */
const createProcess = () => ({ catalog, leases: createLeases({ now: () => clock.nowMs }) });

function createGate<T = void>() {
  let open: (value: T) => void = () => {};
  const opened = new Promise<T>((resolve) => {
    open = resolve;
  });
  return { opened, open: (value: T) => open(value) };
}

/** Holds a lease until the gate opens; returns once it is held. */
async function hold(process: ReturnType<typeof createProcess>, gate: Promise<unknown>) {
  const held = createGate<Lease>();
  const ended = holdLease(process, NAME, async (lease) => {
    held.open(lease);
    await gate;
    return lease.fence;
  });
  return { lease: await held.opened, ended };
}

/** Makes a user if the lease holds. */
const commit = (lease: Lease, name: string) =>
  inTransaction(catalog, {}, async (transaction) => {
    await insertUser(transaction, { name, isAdmin: false, nowMs: NOW_MS });
    await requireLease(transaction, lease);
  });

const isLeaseFree = async () => !(await isLeased(catalog, NAME, clock.nowMs));

describe("holdLease", () => {
  it("returns what the work returns, throws what it throws, and is free afterwards", async () => {
    const process = createProcess();
    expect(await holdLease(process, NAME, async () => "done")).toBe("done");
    expect(await isLeaseFree()).toBe(true);
    const fault = new Error("fault");
    await expect(holdLease(process, NAME, () => Promise.reject(fault))).rejects.toBe(fault);
    expect(await isLeaseFree()).toBe(true);
  });

  describe("when one process asks several times", () => {
    it("lets one at a time work, in the order of asking", async () => {
      const process = createProcess();
      const events: string[] = [];
      const work = (n: number) =>
        holdLease(process, NAME, async () => {
          events.push(`${n} begins`);
          await new Promise(setImmediate);
          events.push(`${n} ends`);
        });
      await Promise.all([1, 2, 3].map(work));
      const order = [1, 2, 3].flatMap((n) => [`${n} begins`, `${n} ends`]);
      expect(events).toEqual(order);
    });

    it("does not start the next before the work has ended, even if the lease has run out", async () => {
      const process = createProcess();
      const gate = createGate();
      const first = await hold(process, gate.opened);
      clock.nowMs += 60_000;
      let isStarted = false;
      const second = holdLease(process, NAME, async () => {
        isStarted = true;
      });
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(isStarted).toBe(false);
      gate.open();
      await Promise.all([first.ended, second]);
    });
  });

  describe("when several processes ask", () => {
    it("lets one at a time work, under rising fences", async () => {
      const processes = Array.from({ length: 4 }, createProcess);
      let working = 0;
      const fences: number[] = [];
      const work = (process: (typeof processes)[number]) =>
        holdLease(process, NAME, async ({ fence }) => {
          working += 1;
          expect(working).toBe(1);
          fences.push(fence);
          await new Promise((resolve) => setTimeout(resolve, 1));
          working -= 1;
        });
      await Promise.all([...processes, ...processes, ...processes].map(work));
      expect(new Set(fences).size).toBe(12);
      expect(fences).toEqual(fences.toSorted((a, b) => a - b));
    });

    it("lets names be held side by side", async () => {
      const gate = createGate();
      const first = await hold(createProcess(), gate.opened);
      expect(await holdLease(createProcess(), "upload:2", async () => "other")).toBe("other");
      gate.open();
      await first.ended;
    });
  });

  describe("when a holder dies", () => {
    it("lets another take over once the lease has run out, not before", async () => {
      const dead = await hold(createProcess(), new Promise(() => {}));
      let isTaken = false;
      const next = holdLease(createProcess(), NAME, async ({ fence }) => {
        isTaken = true;
        return fence;
      });
      clock.nowMs += 29_999;
      await new Promise((resolve) => setTimeout(resolve, 150));
      expect(isTaken).toBe(false);
      clock.nowMs += 1;
      expect(await next).toBeGreaterThan(dead.lease.fence);
    });
  });

  describe("when a holder oversleeps", () => {
    it("cannot commit, neither while another holds the lease nor afterwards", async () => {
      const gate = createGate();
      const late = await hold(createProcess(), gate.opened);
      clock.nowMs += 30_000;
      const otherGate = createGate();
      const other = await hold(createProcess(), otherGate.opened);

      await expect(commit(late.lease, "late")).rejects.toMatchObject({ code: "unavailable" });
      expect(await findUserByName(catalog, "late")).toBeUndefined();
      await commit(other.lease, "other");
      expect(await findUserByName(catalog, "other")).toBeDefined();
      otherGate.open();
      await other.ended;
      await expect(commit(late.lease, "late")).rejects.toMatchObject({ code: "unavailable" });
      gate.open();
      await late.ended;
    });

    it("does not free the lease of the one that took over", async () => {
      const gate = createGate();
      const late = await hold(createProcess(), gate.opened);
      clock.nowMs += 30_000;
      const other = await hold(createProcess(), new Promise(() => {}));
      gate.open();
      await late.ended;
      expect(await isLeaseFree()).toBe(false);
      await commit(other.lease, "other");
    });

    it("can commit if nobody has come meanwhile", async () => {
      const gate = createGate();
      const late = await hold(createProcess(), gate.opened);
      clock.nowMs += 3_600_000;
      await commit(late.lease, "late");
      expect(await findUserByName(catalog, "late")).toBeDefined();
      gate.open();
      await late.ended;
    });
  });

  describe("when the work takes longer than the lease lasts", () => {
    it("keeps it by renewing, and aborts the signal when it is taken away", async () => {
      const times = { durationMs: 30_000, renewEveryMs: 2, giveUpMs: 25_000 };
      const leases = createLeases({ now: () => clock.nowMs, times });
      const gate = createGate();
      const long = await hold({ catalog, leases }, gate.opened);
      const other = createProcess();
      for (let turn = 0; turn < 5; turn++) {
        clock.nowMs += 20_000;
        await new Promise((resolve) => setTimeout(resolve, 40));
        expect(await isLeaseFree()).toBe(false);
      }
      const taking = hold(other, gate.opened);
      await new Promise((resolve) => setTimeout(resolve, 40));
      expect(long.lease.signal.aborted).toBe(false);
      gate.open();
      await Promise.all([long.ended, taking.then(({ ended }) => ended)]);
    });

    it("aborts the signal when another has taken it", async () => {
      const times = { durationMs: -1, renewEveryMs: 20, giveUpMs: 25_000 };
      const leases = createLeases({ now: () => clock.nowMs, times });
      const gate = createGate();
      const late = await hold({ catalog, leases }, gate.opened);
      const other = await hold(createProcess(), gate.opened);
      await new Promise((resolve) => {
        late.lease.signal.addEventListener("abort", resolve);
      });
      expect(late.lease.signal.reason).toMatchObject({ code: "unavailable" });
      gate.open();
      await Promise.all([late.ended, other.ended]);
    });
  });

  describe("when the lease could not be released", () => {
    it("returns the result, and the same process need not wait for the lease to run out", async () => {
      const process = createProcess();
      const connection = await openCatalog({
        kind: "sqlite",
        path: join(folder, "catalog.sqlite"),
      });
      const result = holdLease({ ...process, catalog: connection }, NAME, async () => {
        await connection.close();
        return "done";
      });
      expect(await result).toBe("done");
      expect(await isLeaseFree()).toBe(false);
      expect(await holdLease(process, NAME, async () => "next")).toBe("next");
    });
  });
});
