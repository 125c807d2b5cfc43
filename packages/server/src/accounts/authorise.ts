import { type AccessRule, requireScope } from "../access/access-rule.js";
import { ANONYMOUS, type Principal } from "../access/principal.js";
import type { Catalog } from "../catalog/catalog.js";
import { authenticate } from "./authenticate.js";

/** What {@link authorise} needs of the site. */
export interface AuthorisingSite {
  readonly catalog: Catalog;
  readonly settings: { readonly anonymousRead: boolean };
  /** The time, in milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * Returns the principal of a request, checked against the scope of its rule. It looks at nothing of
 * the request's object, so a refusal tells nothing about it.
 *
 * @param authorization The request's `Authorization` header.
 * @throws Fault `unauthorized` or `forbidden`.
 */
export async function authorise(
  { catalog, settings, now }: AuthorisingSite,
  { scope }: AccessRule,
  authorization: string | undefined,
): Promise<Principal> {
  if (scope === "none") return ANONYMOUS;
  const principal = await authenticate(catalog, authorization, now());
  requireScope(principal, scope, settings);
  return principal;
}
