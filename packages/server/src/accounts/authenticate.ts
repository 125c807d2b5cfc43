import type { Catalog } from "../catalog/catalog.js";
import type { TokenRecord } from "../catalog/records.js";
import { type TokenWithUser, findTokenByHash } from "../catalog/tokens.js";
import { Fault } from "../faults/fault.js";
import { credentialOf } from "./credential.js";
import { ANONYMOUS, type Principal, type UserPrincipal } from "../access/principal.js";
import { hashTokenSecret, isTokenSecret } from "./token-secret.js";

/**
 * The principal of a request with that Authorization header: anonymous without a credential, or
 * with an empty one. One query.
 *
 * @throws Fault `unauthorized` if the credential is malformed, or the token unknown, revoked or
 *   expired.
 */
export async function authenticate(
  catalog: Catalog,
  authorizationHeader: string | undefined,
  nowMs: number,
): Promise<Principal> {
  const secret = credentialOf(authorizationHeader);
  if (secret === undefined) return ANONYMOUS;
  const found = isTokenSecret(secret)
    ? await findTokenByHash(catalog, hashTokenSecret(secret))
    : undefined;
  if (found === undefined) {
    throw new Fault(
      "unauthorized",
      "the token is not known here; log in again, or ask for a new token",
    );
  }
  return principalOf(found, nowMs);
}

/**
 * The principal that a token stands for.
 *
 * @throws Fault `unauthorized` if it is revoked or expired.
 */
export function principalOf({ token, user }: TokenWithUser, nowMs: number): UserPrincipal {
  assertIsLive(token, nowMs);
  return {
    kind: "user",
    userId: user.id,
    userName: user.name,
    isAdmin: user.isAdmin && token.scope === "admin",
    scope: token.scope,
    tokenId: token.id,
  };
}

function assertIsLive(token: TokenRecord, nowMs: number): void {
  if (token.revokedAtMs !== null) {
    throw new Fault("unauthorized", "the token was revoked; ask for a new token");
  }
  if (token.expiresAtMs !== null && token.expiresAtMs <= nowMs) {
    throw new Fault("unauthorized", "the token has expired; ask for a new token");
  }
}
