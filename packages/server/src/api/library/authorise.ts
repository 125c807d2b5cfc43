import type { RouteName } from "@sifshelf/protocol";

import { Fault, faultOf } from "../../faults/fault.js";
import type { Library } from "../../library/library.js";
import { ACCESS_TABLE, type RequiredScope } from "./access-table.js";
import { authenticate } from "../../accounts/authenticate.js";
import { ANONYMOUS, type Principal, type UserPrincipal } from "../../access/principal.js";

/** Who a route's handler deals with: a user where the access table asks for a token. */
export type PrincipalOf<Name extends RouteName> = (typeof ACCESS_TABLE)[Name]["scope"] extends
  | "token"
  | "write"
  ? UserPrincipal
  : Principal;

/**
 * The principal of a request, checked against the scope that the access table asks for.
 *
 * @param authorization The request's `Authorization` header.
 * @throws Fault `unauthorized` or `forbidden`. Nothing of the request's object is looked at before, so the answer tells
 *   nothing about it.
 */
export async function authorise(
  library: Library,
  name: RouteName,
  authorization: string | undefined,
): Promise<Principal> {
  const { scope } = ACCESS_TABLE[name];
  if (scope === "none") return ANONYMOUS;
  const principal = await authenticate(library.catalog, authorization, library.now());
  requireScope(library, principal, scope);
  return principal;
}

function requireScope(library: Library, principal: Principal, scope: RequiredScope): void {
  if (principal.kind === "anonymous") {
    if (scope === "read" && library.settings.anonymousRead) return;
    throw faultOf("unauthorized");
  }
  if (scope === "write" && principal.scope === "read") {
    throw new Fault(
      "forbidden",
      "this token is for reading only; use a token of scope write to push, tag or delete",
    );
  }
}
