import type { Catalog } from "../catalog/catalog.js";
import { findTokenById } from "../catalog/tokens.js";
import { faultOf } from "../faults/fault.js";
import { principalOf } from "./authenticate.js";
import { ANONYMOUS, type Principal } from "../access/principal.js";

/**
 * The principal for whom a URL was signed. A revoked or expired token ends its URLs too.
 *
 * @param tokenId Null for an anonymous caller.
 * @throws Fault `unauthorized` if the token is unknown, revoked or expired.
 */
export async function principalOfTokenId(
  catalog: Catalog,
  tokenId: string | null,
  nowMs: number,
): Promise<Principal> {
  if (tokenId === null) return ANONYMOUS;
  const found = await findTokenById(catalog, tokenId);
  if (found === undefined) throw faultOf("unauthorized");
  return principalOf(found, nowMs);
}
