import type { Selectable } from "kysely";

import type { Catalog } from "./catalog.js";
import { createId } from "../ids/ids.js";
import type { Scope, TokenRecord, UserRecord } from "./records.js";
import type { TokensTable } from "./schema.js";
import { findUserById } from "./users.js";
import { sqlOf } from "./sql.js";

/** What it takes to make a token; `hash` is the SHA-256 of the secret, lower-case hex. */
export interface NewToken {
  readonly userId: string;
  readonly hash: string;
  readonly label: string;
  readonly scope: Scope;
  /** Null: it does not expire. */
  readonly expiresAtMs: number | null;
  readonly nowMs: number;
}

/** A token and the user whom it stands for. */
export interface TokenWithUser {
  readonly token: TokenRecord;
  readonly user: UserRecord;
}

/** The new token. */
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

/** The token whose secret has this hash, revoked and expired ones too. */
export async function findTokenByHash(
  catalog: Catalog,
  hash: string,
): Promise<TokenWithUser | undefined> {
  return withUser(
    catalog,
    await sqlOf(catalog)
      .selectFrom("tokens")
      .selectAll()
      .where("hash", "=", hash)
      .executeTakeFirst(),
  );
}

/** The token with this id, revoked and expired ones too. */
export async function findTokenById(
  catalog: Catalog,
  id: string,
): Promise<TokenWithUser | undefined> {
  return withUser(
    catalog,
    await sqlOf(catalog).selectFrom("tokens").selectAll().where("id", "=", id).executeTakeFirst(),
  );
}

/** All tokens, or those of one user, oldest first; revoked and expired ones too. */
export async function listTokens(catalog: Catalog, userId?: string): Promise<TokenRecord[]> {
  let query = sqlOf(catalog).selectFrom("tokens").selectAll().orderBy("id");
  if (userId !== undefined) query = query.where("user_id", "=", userId);
  return (await query.execute()).map(toTokenRecord);
}

/** Ends a token at once. False if there is none with this id, or it was revoked before. */
export async function revokeToken(catalog: Catalog, id: string, nowMs: number): Promise<boolean> {
  const result = await sqlOf(catalog)
    .updateTable("tokens")
    .set({ revoked_at: nowMs })
    .where("id", "=", id)
    .where("revoked_at", "is", null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

async function withUser(
  catalog: Catalog,
  row: Selectable<TokensTable> | undefined,
): Promise<TokenWithUser | undefined> {
  const user = row && (await findUserById(catalog, row.user_id));
  return row && user && { token: toTokenRecord(row), user };
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
