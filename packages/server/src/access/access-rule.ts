import { Fault, faultOf } from "../faults/fault.js";
import type { Principal, UserPrincipal } from "./principal.js";

/** What a request needs before anything is looked up. */
export type RequiredScope =
  /** Nothing; a token is not even looked at. */
  | "none"
  /** Reading: any valid token, or none where the site allows anonymous reading. */
  | "read"
  /** Any valid token. */
  | "token"
  /** A token of scope `write` or `admin`. */
  | "write";

/**
 * What the principal's relation to the object must be. The domain function that the route calls
 * checks it.
 */
export type RequiredRelation =
  /** The request names no object, or one that everyone may know of. */
  | "none"
  /**
   * The object is public, or the principal owns its entity or is an admin. Else it looks missing.
   */
  | "visible"
  /** The principal owns the object's entity, or is an admin; `forbidden` if it is just visible. */
  | "owner"
  /** A signed URL, issued to a principal who still may do this. */
  | "capability";

/** The authorisation rule of one request. */
export interface AccessRule {
  readonly scope: RequiredScope;
  readonly relation: RequiredRelation;
}

/** The principal that a handler gets under a rule: a user where the rule requires a token. */
export type PrincipalUnder<Rule extends AccessRule> = Rule["scope"] extends "token" | "write"
  ? UserPrincipal
  : Principal;

/**
 * Checks a principal against the scope that a rule requires.
 *
 * @throws Fault `unauthorized` without a token where one is required, `forbidden` for a read token
 *   where `write` is required.
 */
export function requireScope(
  principal: Principal,
  scope: RequiredScope,
  { anonymousRead }: { readonly anonymousRead: boolean },
): void {
  if (scope === "none") return;
  if (principal.kind === "anonymous") {
    if (scope === "read" && anonymousRead) return;
    throw faultOf("unauthorized");
  }
  if (scope === "write" && principal.scope === "read") {
    throw new Fault(
      "forbidden",
      "this token is for reading only; use a token of scope write to push, tag or delete",
    );
  }
}
