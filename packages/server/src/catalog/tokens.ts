import type { InferResult, Selectable } from "kysely";

import type { Scope } from "../access/principal.js";
import { createId } from "../ids/ids.js";
import type { Catalog } from "./catalog.js";
import { firstRow, prepare } from "./session/prepared.js";
import type { TokenRecord, UserRecord } from "./records.js";
import type { TokensTable } from "./schema.js";
import { type Db, sqlOf } from "./sql.js";
import { fromBit } from "./stored-bit.js";

/** A new token; `hash` is the SHA-256 of its secret, lower-case hex. */
export interface NewToken {
  readonly userId: string;
  readonly hash: string;
  readonly label: string;
  readonly scope: Scope;
  /** Null: it does not expire. */
  readonly expiresAtMs: number | null;
  readonly nowMs: number;
}

/** A token and its user. */
export interface TokenWithUser {
  readonly token: TokenRecord;
  readonly user: UserRecord;
}

/** Creates a token. */
export async function insertToken(catalog: Catalog, token: NewToken): Promise<TokenRecord> {
  const row: TokensTable = {
    id: createId(token.nowMs),
    user_id: token.userId,
    hash: token.hash,
    label: token.label,
    scope: token.scope,
    created_at: token.nowMs,
    expires_at: token.expiresAtMs,
    revoked_at: null,
  };
  await sqlOf(catalog).insertInto("tokens").values(row).execute();
  return toTokenRecord(row);
}

const BY_HASH = prepare((db, { hash }: { hash: string }) =>
  selectTokensWithUsers(db).where("tokens.hash", "=", hash),
);

/** The token whose secret has this hash, even if revoked or expired. */
export async function findTokenByHash(
  catalog: Catalog,
  hash: string,
): Promise<TokenWithUser | undefined> {
  const row = await firstRow(catalog, BY_HASH, { hash });
  return row && toTokenWithUser(row);
}

const BY_ID = prepare((db, { id }: { id: string }) =>
  selectTokensWithUsers(db).where("tokens.id", "=", id),
);

/** The token with this id, even if revoked or expired. */
export async function findTokenById(
  catalog: Catalog,
  id: string,
): Promise<TokenWithUser | undefined> {
  const row = await firstRow(catalog, BY_ID, { id });
  return row && toTokenWithUser(row);
}

/** All tokens, or those of one user, oldest first, including revoked and expired ones. */
export async function listTokens(catalog: Catalog, userId?: string): Promise<TokenRecord[]> {
  let query = sqlOf(catalog).selectFrom("tokens").selectAll().orderBy("id");
  if (userId !== undefined) query = query.where("user_id", "=", userId);
  return (await query.execute()).map(toTokenRecord);
}

/** Revokes a token at once. False if there is none with this id, or it was revoked before. */
export async function revokeToken(catalog: Catalog, id: string, nowMs: number): Promise<boolean> {
  const result = await sqlOf(catalog)
    .updateTable("tokens")
    .set({ revoked_at: nowMs })
    .where("id", "=", id)
    .where("revoked_at", "is", null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

function selectTokensWithUsers(db: Db) {
  return db
    .selectFrom("tokens")
    .innerJoin("users", "users.id", "tokens.user_id")
    .selectAll("tokens")
    .select([
      "users.name as user_name",
      "users.is_admin as user_is_admin",
      "users.created_at as user_created_at",
    ]);
}

function toTokenWithUser(
  row: InferResult<ReturnType<typeof selectTokensWithUsers>>[number],
): TokenWithUser {
  const user = {
    id: row.user_id,
    name: row.user_name,
    isAdmin: fromBit(row.user_is_admin),
    createdAtMs: row.user_created_at,
  };
  return { token: toTokenRecord(row), user };
}

function toTokenRecord(row: Selectable<TokensTable>): TokenRecord {
  return {
    id: row.id,
    userId: row.user_id,
    label: row.label,
    scope: row.scope,
    createdAtMs: row.created_at,
    expiresAtMs: row.expires_at,
    revokedAtMs: row.revoked_at,
  };
}
