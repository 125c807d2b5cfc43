import type { Catalog } from "../catalog/catalog.js";
import type { Scope } from "../access/principal.js";
import type { TokenRecord, UserRecord } from "../catalog/records.js";
import { insertToken } from "../catalog/tokens.js";
import { Fault } from "../faults/fault.js";
import { createTokenSecret, hashTokenSecret } from "./token-secret.js";

/** Longest label of a token, in characters. */
export const MAX_TOKEN_LABEL_LENGTH = 200;

/** The rights and life of a new token. */
export interface TokenGrant {
  readonly scope: Scope;
  /** Its purpose, in its owner's words. */
  readonly label: string;
  /** Null: it does not expire. */
  readonly expiresAtMs: number | null;
  readonly nowMs: number;
}

/** A new token and its secret, which is known only now. */
export interface IssuedToken {
  readonly token: TokenRecord;
  readonly secret: string;
}

/**
 * Creates a token for a user.
 *
 * @throws Fault `forbidden` for scope `admin` if the user is no admin, `bad-request` if the label
 *   is too long or has control characters, or the expiry has passed.
 */
export async function issueToken(
  catalog: Catalog,
  user: UserRecord,
  grant: TokenGrant,
): Promise<IssuedToken> {
  assertMayHave(user, grant);
  const secret = createTokenSecret();
  const token = await insertToken(catalog, {
    ...grant,
    userId: user.id,
    hash: hashTokenSecret(secret),
  });
  return { token, secret };
}

function assertMayHave(user: UserRecord, { scope, label, expiresAtMs, nowMs }: TokenGrant): void {
  if (scope === "admin" && !user.isAdmin) {
    throw new Fault(
      "forbidden",
      `user ${user.name} is no admin; give the token the scope read or write`,
    );
  }
  if (label.length > MAX_TOKEN_LABEL_LENGTH || /\p{Cc}/u.test(label)) {
    throw new Fault(
      "bad-request",
      `the label is not valid; give at most ${MAX_TOKEN_LABEL_LENGTH} characters on one line`,
    );
  }
  if (expiresAtMs !== null && expiresAtMs <= nowMs) {
    throw new Fault("bad-request", "the token would have expired already; give a later time");
  }
}
