import type { Db } from "../catalog/catalog.js";
import { findTokenById } from "../catalog/tokens.js";
import { faultOf } from "../library/library-fault.js";
import { principalOf } from "./authenticate.js";
import { ANONYMOUS, type Principal } from "./principal.js";

/**
 * The principal that a signed URL was made for. A revoked or expired token ends its URLs too.
 *
 * @param tokenId Null for an anonymous caller.
 * @throws LibraryFault `unauthorized`.
 */
export async function principalOfTokenId(
  db: Db,
  tokenId: string | null,
  nowMs: number,
): Promise<Principal> {
  if (tokenId === null) return ANONYMOUS;
  const found = await findTokenById(db, tokenId);
  if (found === undefined) throw faultOf("unauthorized");
  return principalOf(found, nowMs);
}
