import { ANYONE, type Role, type Viewer } from "./viewer.js";

/** What a token allows at most; each scope includes those before it. */
export type Scope = "read" | "write" | "admin";

/** A caller without a credential. */
export interface AnonymousPrincipal {
  readonly kind: "anonymous";
}

/** A user, with the rights of the token that was presented. */
export interface UserPrincipal {
  readonly kind: "user";
  readonly userId: string;
  readonly userName: string;
  /** True for an admin whose token has the scope `admin`; other tokens of an admin are ordinary. */
  readonly isAdmin: boolean;
  readonly scope: Scope;
  readonly tokenId: string;
}

/** The caller of a request. */
export type Principal = AnonymousPrincipal | UserPrincipal;

/** The caller of a request without a credential. */
export const ANONYMOUS: AnonymousPrincipal = { kind: "anonymous" };

/**
 * The principal as a viewer of records. A user holds a role on their own records, an admin on all;
 * the token's scope bounds the role.
 */
export function viewerOf(principal: Principal): Viewer {
  if (principal.kind === "anonymous") return ANYONE;
  const role: Role = principal.scope === "read" ? "reader" : "writer";
  return {
    everywhere: principal.isAdmin ? role : null,
    grants: new Map([[principal.userId, role]]),
  };
}
