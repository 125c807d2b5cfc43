import type { Principal } from "./principal.js";
import { Fault, faultOf } from "../faults/fault.js";

/** What a record says about who may see and change it. */
export interface Owned {
  /** The user who owns the entity that the record belongs to. */
  readonly ownerId: string;
  /** Absent for entities, which everyone may see. */
  readonly isPrivate?: boolean;
}

/** Whether the principal may know that the record exists. */
export function canSee(principal: Principal, record: Owned): boolean {
  return record.isPrivate !== true || isOwnerOrAdmin(principal, record);
}

/** Whether the principal may change the record or what is in it. */
export function canChange(principal: Principal, record: Owned): boolean {
  return (
    principal.kind === "user" && principal.scope !== "read" && isOwnerOrAdmin(principal, record)
  );
}

/**
 * Returns the record if the principal may see it.
 *
 * @throws Fault `not-found`, the same for a record that is hidden and one that is not there.
 */
export function requireVisible<T extends Owned>(principal: Principal, record: T | undefined): T {
  if (record === undefined || !canSee(principal, record)) throw faultOf("not-found");
  return record;
}

/**
 * Returns the record if the principal may change it.
 *
 * @throws Fault `not-found` when it is hidden or not there, `forbidden` when it is visible but someone else's.
 */
export function requireChangeable<T extends Owned>(principal: Principal, record: T | undefined): T {
  const visible = requireVisible(principal, record);
  if (canChange(principal, visible)) return visible;
  throw new Fault(
    "forbidden",
    "this entity belongs to another user; push to an entity of your own, or ask its owner or the site's admin",
  );
}

function isOwnerOrAdmin(principal: Principal, record: Owned): boolean {
  return principal.kind === "user" && (principal.isAdmin || principal.userId === record.ownerId);
}
