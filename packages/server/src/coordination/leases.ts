import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";

import { type Catalog, inTransaction } from "../catalog/catalog.js";
import {
  isLeaseHeldBy,
  type LeaseClaim,
  releaseLease,
  renewLease,
  takeLease,
} from "../catalog/work/leases.js";
import { Fault } from "../faults/fault.js";
import { keepRenewed, LEASE_TIMES, type LeaseTimes } from "./keep-renewed.js";
import { createThrottle, type Throttle } from "./throttle.js";

/** What is held by one at a time across processes: an upload, or the stored bytes of a digest. */
export type LeaseName = `upload:${string}` | `digest:${string}`;

/** A name that is held. */
export interface Lease extends LeaseClaim {
  readonly name: LeaseName;
  /** Aborted when the lease is lost or could not be renewed for 25 s. Stop then. */
  readonly signal: AbortSignal;
}

/** This process as a holder of leases. Make one per process and share it. */
export interface Leases {
  readonly owner: string;
  readonly times: LeaseTimes;
  /** Order among holders of one name in this process. */
  readonly turns: Throttle<LeaseName>;
  /** Replaces the database's clock, for tests. */
  readonly now: (() => number) | undefined;
}

/** What to change of {@link createLeases}' defaults. */
export interface LeasesOptions {
  readonly times?: LeaseTimes;
  readonly now?: () => number;
}

/** Returns a holder of leases with a name of its own. */
export function createLeases({ times = LEASE_TIMES, now }: LeasesOptions = {}): Leases {
  return { owner: randomUUID(), times, turns: createThrottle<LeaseName>(), now };
}

/** What leases are held on and by. */
export interface LeaseDeps {
  readonly catalog: Catalog;
  readonly leases: Leases;
}

/**
 * Waits until `name` is free, runs `work` while it holds the lease, and returns the result of
 * `work`. Take leases in the order upload, digest, and never inside a catalog transaction.
 *
 * Why two holders never both succeed, whatever dies or stops meanwhile:
 *
 * 1. In one process holders of a name take turns in the order of asking. A turn ends when `work`
 *    has ended, even if the lease was lost before: two works of one process never overlap.
 * 2. Between processes the row in `leases` decides. Only a free row, or one whose time is up by the
 *    database's clock, can be taken, by one statement. Clocks of processes do not matter.
 * 3. A holder that lives renews its lease every 10 s of 30. One that could not for 25 s, by its
 *    monotonic clock, aborts `lease.signal`, 5 s before another may start.
 * 4. A holder that was stopped (SIGSTOP, a laptop's sleep, a stalled disk) may wake when another
 *    has taken over. Its fence is not in the row any more, so {@link requireLease}, inside the
 *    transaction that would make its work count, throws. Every work ends in such a transaction.
 * 5. What a late holder does outside the catalog cannot be fenced, and must be harmless: bytes
 *    under names of their own, deletions of what nobody refers to. Where that is not so (a blob's
 *    file is named by its digest), the store belongs to one process, and 1 keeps the order.
 * 6. A holder that dies leaves a row that runs out within 30 s. One that cannot release its lease,
 *    for example since the catalog's disk is full, lets it run out too; this process itself need
 *    not wait for that, since the row names it as the owner and 1 says that the work has ended.
 * 7. Taking, renewing and releasing are not synced. A power failure that undoes them ends every
 *    holder on the database's machine; one elsewhere fails in 4, since fence and owner must match.
 *
 * @throws what `work` throws; Fault `storage-full` or `unavailable` when the catalog cannot be
 *   written.
 */
export async function holdLease<T>(
  { catalog, leases }: LeaseDeps,
  name: LeaseName,
  work: (lease: Lease) => Promise<T>,
): Promise<T> {
  return leases.turns.hold(name, async () => {
    const { claim, takenAtMs } = await take(catalog, leases, name);
    const { durationMs } = leases.times;
    const renewal = keepRenewed({
      renew: () => lazily(catalog, (tx) => renewLease(tx, claim, { durationMs, ...clock(leases) })),
      takenAtMs,
      times: leases.times,
      lostReason: () => leaseLost(name),
    });
    try {
      return await work({ ...claim, signal: renewal.signal });
    } finally {
      renewal.stop();
      await release(catalog, claim);
    }
  });
}

/**
 * Makes a transaction fail unless the lease still holds. Call it inside the transaction that makes
 * the holder's work count.
 *
 * @throws Fault `unavailable` when another has taken the lease meanwhile.
 */
export async function requireLease(transaction: Catalog, lease: LeaseClaim): Promise<void> {
  if (!(await isLeaseHeldBy(transaction, lease))) throw leaseLost(lease.name);
}

/** Between two tries to take a lease that another process holds, in milliseconds. */
const FIRST_WAIT_MS = 25;
const LONGEST_WAIT_MS = 1000;

async function take(catalog: Catalog, leases: Leases, name: LeaseName) {
  const { owner } = leases;
  const { durationMs } = leases.times;
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS)) {
    const takenAtMs = performance.now();
    const fence = await lazily(catalog, (transaction) =>
      takeLease(transaction, { name, owner, durationMs, ...clock(leases) }),
    );
    if (fence !== undefined) return { claim: { name, owner, fence }, takenAtMs };
    await delay(waitMs * (0.5 + Math.random()));
  }
}

/** Never throws: a lease that is not released runs out. */
async function release(catalog: Catalog, claim: LeaseClaim): Promise<void> {
  try {
    await lazily(catalog, (transaction) => releaseLease(transaction, claim));
  } catch {
    // See 6 of holdLease.
  }
}

function lazily<T>(catalog: Catalog, work: (transaction: Catalog) => Promise<T>): Promise<T> {
  return inTransaction(catalog, { durability: "lazy" }, work);
}

function clock({ now }: Leases): { readonly nowMs: number | undefined } {
  return { nowMs: now?.() };
}

function leaseLost(name: string): Fault {
  return new Fault(
    "unavailable",
    `the server lost its lease of ${name} before the work was done: it was suspended or could not reach its catalog; nothing was changed, try again`,
  );
}
