import { sql } from "kysely";

import { createId } from "../../ids/ids.js";
import type { Catalog } from "../catalog.js";
import { databaseTime, databaseTimeAfter } from "./database-time.js";
import type { JobsTable } from "../schema.js";
import { sqlOf } from "../sql.js";

/** Work to be done once, by some process. */
export interface NewJob {
  readonly kind: string;
  /** What it is about; there is one job of a kind and key at most. */
  readonly key: string;
  /** Earliest start, in milliseconds from now. Default: 0. */
  readonly delayMs?: number | undefined;
  /** Replaces the database's clock, for tests. */
  readonly nowMs?: number | undefined;
}

/** Identifies one claim on a job. Two claims on a job never have the same fence and owner. */
export interface JobClaim {
  readonly id: string;
  readonly owner: string;
  readonly fence: number;
}

/** A job that its owner may work on until its lease ends. */
export interface ClaimedJob extends JobClaim {
  readonly kind: string;
  readonly key: string;
  /** Claims since the job last made progress, this one included. */
  readonly attempts: number;
  /** What the last attempt saved. */
  readonly progress: string | null;
}

/** How long a claim lasts. */
export interface JobLease {
  /** Time until others may claim the job unless it is renewed. */
  readonly leaseMs: number;
  /** Replaces the database's clock, for tests. */
  readonly nowMs?: number | undefined;
}

/** What becomes of a job. */
export type JobEnd =
  /** It is done; `result` is kept with it. */
  | { readonly state: "done"; readonly result: string | null }
  /** It is done, and starts again from the beginning in `delayMs`. */
  | { readonly state: "again"; readonly result: string | null; readonly delayMs: number }
  /** It is tried again in `delayMs`, from the progress that was saved. */
  | { readonly state: "retry"; readonly error: string; readonly delayMs: number }
  /** It is given up until somebody enqueues it again. */
  | { readonly state: "failed"; readonly error: string }
  /** Its owner gives it back unfinished; the attempt does not count. */
  | { readonly state: "released" };

/**
 * Enqueues a job. One that waits already starts at the earlier of both times. One that is running
 * runs again when it is done, since it may have missed what it is enqueued for. One that has ended
 * starts anew.
 */
export async function putJob(
  catalog: Catalog,
  { kind, key, delayMs = 0, nowMs }: NewJob,
): Promise<void> {
  await sql`
    insert into jobs (id, kind, key, state, run_at, attempts, fence, again)
    values (${createId()}, ${kind}, ${key}, 'ready', ${databaseTimeAfter(nowMs, delayMs)}, 0, 0, 0)
    on conflict (kind, key) do update set
      state = case jobs.state when 'running' then 'running' else 'ready' end,
      again = case jobs.state when 'running' then 1 else 0 end,
      run_at = case
        when jobs.state = 'running' then jobs.run_at
        when jobs.state = 'ready' and jobs.run_at < excluded.run_at then jobs.run_at
        else excluded.run_at
      end,
      attempts = 0`.execute(sqlOf(catalog));
}

/** Whether a job of these kinds can be claimed now. Reads one row of an index. */
export async function hasDueJob(
  catalog: Catalog,
  kinds: readonly string[],
  nowMs?: number,
): Promise<boolean> {
  const row = await selectDue(catalog, kinds, nowMs).executeTakeFirst();
  return row !== undefined;
}

/**
 * Claims the job of these kinds that has been due longest: a new one, or one whose owner's lease
 * has ended. Undefined if there is none.
 */
export async function claimJob(
  catalog: Catalog,
  { kinds, owner, leaseMs, nowMs }: JobLease & { kinds: readonly string[]; owner: string },
): Promise<ClaimedJob | undefined> {
  return sqlOf(catalog)
    .updateTable("jobs")
    .set((eb) => ({
      state: "running",
      owner,
      fence: eb("fence", "+", 1),
      attempts: eb("attempts", "+", 1),
      again: 0,
      run_at: databaseTimeAfter(nowMs, leaseMs),
    }))
    .where("id", "=", () => selectDue(catalog, kinds, nowMs))
    .returning(["id", "kind", "key", "fence", "attempts", "progress"])
    .executeTakeFirst()
    .then((row) => row && { ...row, owner });
}

/** Puts off the end of a claim. False, with nothing changed, if it does not hold any more. */
export async function renewJob(
  catalog: Catalog,
  claim: JobClaim,
  { leaseMs, nowMs }: JobLease,
): Promise<boolean> {
  const result = await updateClaimed(catalog, claim)
    .set({ run_at: databaseTimeAfter(nowMs, leaseMs) })
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/**
 * Keeps what the next attempt needs to go on from here; attempts are counted from here too. False,
 * with nothing changed, if the claim does not hold any more.
 */
export async function saveJobProgress(
  catalog: Catalog,
  claim: JobClaim,
  progress: string,
): Promise<boolean> {
  const result = await updateClaimed(catalog, claim)
    .set({ progress, attempts: 1 })
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/**
 * Ends a claim. A job that was enqueued again while it ran starts anew, whatever its end. False,
 * with nothing changed, if the claim does not hold any more.
 */
export async function endJob(
  catalog: Catalog,
  claim: JobClaim,
  end: JobEnd,
  nowMs?: number,
): Promise<boolean> {
  const delayMs = "delayMs" in end ? end.delayMs : 0;
  const state = end.state === "done" || end.state === "failed" ? end.state : "ready";
  const result = await updateClaimed(catalog, claim)
    .set({
      state: sql<JobsTable["state"]>`case again when 1 then 'ready' else ${state} end`,
      run_at: sql<number>`case again when 1 then ${databaseTime(nowMs)}
        else ${databaseTimeAfter(nowMs, delayMs)} end`,
      again: 0,
      owner: null,
      ...("result" in end && { result: end.result, error: null, progress: null, attempts: 0 }),
      ...("error" in end && { error: end.error }),
      ...(end.state === "released" && {
        attempts: sql<number>`case when attempts > 0 then attempts - 1 else 0 end`,
      }),
    })
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/**
 * Lets every running job be claimed at once. Only for a process that knows that it is the only one
 * on the catalog: holders that died then delay nobody.
 */
export async function orphanAllJobs(catalog: Catalog): Promise<void> {
  await sqlOf(catalog)
    .updateTable("jobs")
    .set({ run_at: 0 })
    .where("state", "=", "running")
    .where("run_at", ">", 0)
    .execute();
}

/** Deletes up to `limit` jobs that were done at least `ageMs` ago; returns how many. */
export async function deleteDoneJobs(
  catalog: Catalog,
  { ageMs, limit, nowMs }: { ageMs: number; limit: number; nowMs?: number | undefined },
): Promise<number> {
  const result = await sqlOf(catalog)
    .deleteFrom("jobs")
    .where("id", "in", (eb) =>
      eb
        .selectFrom("jobs")
        .select("id")
        .where("state", "=", sql.lit("done"))
        .where("run_at", "<=", databaseTimeAfter(nowMs, -ageMs))
        .limit(limit),
    )
    .executeTakeFirst();
  return Number(result.numDeletedRows);
}

/**
 * The job to claim next; `run_at` of a running job is when its lease ends. The states are literals,
 * so that their partial index serves, and the kind is an expression, so that no index of it does:
 * of what is due the first row will nearly always do.
 */
function selectDue(catalog: Catalog, kinds: readonly string[], nowMs: number | undefined) {
  return sqlOf(catalog)
    .selectFrom("jobs")
    .select("id")
    .where(sql<boolean>`state in ('ready', 'running')`)
    .where("run_at", "<=", databaseTime(nowMs))
    .where(sql<string>`kind || ''`, "in", [...kinds])
    .orderBy("run_at")
    .orderBy("id")
    .limit(1);
}

// An id names one row for ever: a job that was deleted and enqueued again has another.
function updateClaimed(catalog: Catalog, claim: JobClaim) {
  return sqlOf(catalog)
    .updateTable("jobs")
    .where("id", "=", claim.id)
    .where("fence", "=", claim.fence)
    .where("owner", "=", claim.owner)
    .where("state", "=", "running");
}
