import type { Catalog } from "../catalog.js";
import { databaseTime, databaseTimeAfter } from "./database-time.js";
import { sqlOf } from "../sql.js";

/** Identifies one hold of a lease. Two holds of a name never have the same fence and owner. */
export interface LeaseClaim {
  /** What is held, for example `upload:<id>`. */
  readonly name: string;
  /** The process that holds it. */
  readonly owner: string;
  /** Rises with every hold of the name. */
  readonly fence: number;
}

/** What it takes to take a lease. */
export interface LeaseRequest {
  readonly name: string;
  readonly owner: string;
  /** Time until the lease ends unless it is renewed. */
  readonly durationMs: number;
  /** Replaces the database's clock, for tests. */
  readonly nowMs?: number | undefined;
}

/**
 * Takes a lease that is free, has run out or is the owner's own, and returns its fence; undefined
 * while another owner holds it.
 *
 * Fences of a name never repeat:
 *
 * 1. A hold of a name that has a row raises the row's fence by one.
 * 2. A name without a row starts above every fence in the table.
 * 3. {@link deleteEndedLeases} never deletes the row with the highest fence, so the highest fence
 *    in the table never falls. Whatever fence a deleted row had, a new row of that name starts
 *    above it.
 * 4. A power failure may undo holds that were not synced, and their fences are given again. All
 *    holders on the database's machine are gone then; holders elsewhere have another owner, and
 *    every check compares the owner too.
 */
export async function takeLease(
  catalog: Catalog,
  { name, owner, durationMs, nowMs }: LeaseRequest,
): Promise<number | undefined> {
  const row = await sqlOf(catalog)
    .insertInto("leases")
    .values((eb) => ({
      name,
      owner,
      fence: eb
        .selectFrom("leases")
        .select((of) =>
          of(of.fn.coalesce(of.fn.max("fence"), of.lit(0)), "+", of.lit(1)).as("next"),
        ),
      ends_at: databaseTimeAfter(nowMs, durationMs),
    }))
    .onConflict((conflict) =>
      conflict
        .column("name")
        .doUpdateSet((eb) => ({
          owner: eb.ref("excluded.owner"),
          fence: eb("leases.fence", "+", eb.lit(1)),
          ends_at: eb.ref("excluded.ends_at"),
        }))
        .where((eb) =>
          eb.or([
            eb("leases.ends_at", "<=", databaseTime(nowMs)),
            eb("leases.owner", "=", eb.ref("excluded.owner")),
          ]),
        ),
    )
    .returning("fence")
    .executeTakeFirst();
  return row?.fence;
}

/** Puts off the end of a lease. False, with nothing changed, if the claim no longer holds. */
export async function renewLease(
  catalog: Catalog,
  claim: LeaseClaim,
  { durationMs, nowMs }: Pick<LeaseRequest, "durationMs" | "nowMs">,
): Promise<boolean> {
  const result = await sqlOf(catalog)
    .updateTable("leases")
    .set({ ends_at: databaseTimeAfter(nowMs, durationMs) })
    .where("name", "=", claim.name)
    .where("fence", "=", claim.fence)
    .where("owner", "=", claim.owner)
    .where("ends_at", ">", RELEASED)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** Frees a lease; nothing happens if the claim does not hold any more. */
export async function releaseLease(catalog: Catalog, claim: LeaseClaim): Promise<void> {
  await sqlOf(catalog)
    .updateTable("leases")
    .set({ ends_at: RELEASED })
    .where("name", "=", claim.name)
    .where("fence", "=", claim.fence)
    .where("owner", "=", claim.owner)
    .execute();
}

/**
 * Whether the claim still holds: nobody has taken the name since, and it was not released. A lease
 * that has run out still holds until another takes it.
 */
export async function isLeaseHeldBy(catalog: Catalog, claim: LeaseClaim): Promise<boolean> {
  const row = await sqlOf(catalog)
    .selectFrom("leases")
    .select("name")
    .where("name", "=", claim.name)
    .where("fence", "=", claim.fence)
    .where("owner", "=", claim.owner)
    .where("ends_at", ">", RELEASED)
    .executeTakeFirst();
  return row !== undefined;
}

/** Whether some owner holds a lease of that name that has not run out. */
export async function isLeased(catalog: Catalog, name: string, nowMs?: number): Promise<boolean> {
  const row = await sqlOf(catalog)
    .selectFrom("leases")
    .select("name")
    .where("name", "=", name)
    .where("ends_at", ">", databaseTime(nowMs))
    .executeTakeFirst();
  return row !== undefined;
}

/**
 * Frees every lease. Only for a process that knows that it is the only one on the catalog: holders
 * that died without releasing then delay nobody.
 */
export async function releaseAllLeases(catalog: Catalog): Promise<void> {
  await sqlOf(catalog)
    .updateTable("leases")
    .set({ ends_at: RELEASED })
    .where("ends_at", ">", RELEASED)
    .execute();
}

/** Deletes up to `limit` rows of leases that ended at least `ageMs` ago; returns how many. */
export async function deleteEndedLeases(
  catalog: Catalog,
  { ageMs, limit, nowMs }: { ageMs: number; limit: number; nowMs?: number | undefined },
): Promise<number> {
  const result = await sqlOf(catalog)
    .deleteFrom("leases")
    .where("name", "in", (eb) =>
      eb
        .selectFrom("leases")
        .select("name")
        .where("ends_at", "<=", databaseTimeAfter(nowMs, -ageMs))
        // Its fence is what new names start above.
        .where("fence", "<", (of) =>
          of.selectFrom("leases").select(of.fn.max("fence").as("highest")),
        )
        .limit(limit),
    )
    .executeTakeFirst();
  return Number(result.numDeletedRows);
}

/** `ends_at` of a lease that was released. */
const RELEASED = 0;
