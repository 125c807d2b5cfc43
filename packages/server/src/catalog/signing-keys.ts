import { randomBytes } from "node:crypto";

import { sql } from "kysely";

import type { Catalog } from "./catalog.js";
import { createId } from "../ids/ids.js";
import { sqlOf } from "./sql.js";

const SECRET_BYTES = 32;

/** A key that signs capability URLs. */
export interface SigningKeyRecord {
  readonly id: string;
  /** 32 random bytes. */
  readonly secret: Uint8Array;
}

/** The key to sign with: the newest. The first call on a new catalog creates it; of several at once, all get the same. */
export async function currentSigningKey(catalog: Catalog): Promise<SigningKeyRecord> {
  return (await newestKey(catalog)) ?? (await createFirstKey(catalog));
}

/** The key with that id, to check a signature made earlier. */
export async function findSigningKey(
  catalog: Catalog,
  id: string,
): Promise<SigningKeyRecord | undefined> {
  const row = await sqlOf(catalog)
    .selectFrom("signing_keys")
    .selectAll()
    .where("id", "=", id)
    .executeTakeFirst();
  return row && toSigningKey(row);
}

async function newestKey(catalog: Catalog): Promise<SigningKeyRecord | undefined> {
  const row = await sqlOf(catalog)
    .selectFrom("signing_keys")
    .selectAll()
    .orderBy("id", "desc")
    .limit(1)
    .executeTakeFirst();
  return row && toSigningKey(row);
}

async function createFirstKey(catalog: Catalog): Promise<SigningKeyRecord> {
  const nowMs = Date.now();
  const secret = randomBytes(SECRET_BYTES).toString("base64url");
  // One statement, so that of two processes only one creates a key.
  await sql`
    insert into signing_keys (id, secret, created_at)
    select ${createId(nowMs)}, ${secret}, ${nowMs}
    where not exists (select 1 from signing_keys)`.execute(sqlOf(catalog));
  const key = await newestKey(catalog);
  if (key === undefined)
    throw new Error("the catalog did not keep the signing key that was just made");
  return key;
}

function toSigningKey(row: { readonly id: string; readonly secret: string }): SigningKeyRecord {
  return { id: row.id, secret: Buffer.from(row.secret, "base64url") };
}
