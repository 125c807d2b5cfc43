import type { Catalog } from "../catalog/catalog.js";
import type { Scope } from "../access/principal.js";
import type { TokenRecord, UserRecord } from "../catalog/records.js";
import { insertToken } from "../catalog/tokens.js";
import { Fault } from "../faults/fault.js";
import { createTokenSecret, hashTokenSecret } from "./token-secret.js";

/** Longest label of a token, in characters. */
export const MAX_TOKEN_LABEL_LENGTH = 200;

/** What a new token is to allow. */
export interface TokenGrant {
  readonly scope: Scope;
  /** What the token is for, in its owner's words. */
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
 * A new token for a user. Throws {@link Fault} `forbidden` if it asks for scope `admin` for someone who is no admin, and
 * `bad-request` if the label is too long or has control characters, or the expiry has passed.
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
