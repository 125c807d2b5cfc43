import type { Scope, Viewer } from "../catalog/records.js";

/** Someone who gave no credential. */
export interface AnonymousPrincipal {
  readonly kind: "anonymous";
}

/** A user, as far as the token goes that was given. */
export interface UserPrincipal {
  readonly kind: "user";
  readonly userId: string;
  readonly userName: string;
  /** Whether this is an admin whose token has the scope `admin`; an admin's lesser token makes no admin. */
  readonly isAdmin: boolean;
  readonly scope: Scope;
  readonly tokenId: string;
}

/** Who makes a request. */
export type Principal = AnonymousPrincipal | UserPrincipal;

/** Who makes a request without a credential. */
export const ANONYMOUS: AnonymousPrincipal = { kind: "anonymous" };

/** As whom a principal looks at the catalog: admins see all, users what is public or theirs, others what is public. */
export function viewerOf(principal: Principal): Viewer {
  if (principal.kind === "anonymous") return { userId: null, seesAll: false };
  return { userId: principal.userId, seesAll: principal.isAdmin };
}
