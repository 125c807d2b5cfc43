import { Fault, faultOf } from "../faults/fault.js";
import { type Principal, viewerOf } from "./principal.js";
import { MAY_CHANGE, MAY_SEE, type Owned, allows } from "./rule.js";

/** Whether the principal may know that the record exists. */
export function canSee(principal: Principal, record: Owned): boolean {
  return allows(MAY_SEE, viewerOf(principal), record);
}

/** Whether the principal may change the record or what is in it. */
export function canChange(principal: Principal, record: Owned): boolean {
  return allows(MAY_CHANGE, viewerOf(principal), record);
}

/**
 * Returns the record if the principal may see it.
 *
 * @throws Fault `not-found`, the same for a hidden record and a missing one.
 */
export function requireVisible<T extends Owned>(principal: Principal, record: T | undefined): T {
  if (record === undefined || !canSee(principal, record)) throw faultOf("not-found");
  return record;
}

/**
 * Returns the record if the principal may change it.
 *
 * @throws Fault `not-found` when it is hidden or missing, `forbidden` when it is visible but
 *   belongs to another owner.
 */
export function requireChangeable<T extends Owned>(principal: Principal, record: T | undefined): T {
  const visible = requireVisible(principal, record);
  if (canChange(principal, visible)) return visible;
  throw new Fault(
    "forbidden",
    "this entity belongs to another user; push to an entity of your own, or ask its owner or the site's admin",
  );
}
