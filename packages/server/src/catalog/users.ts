import type { Selectable } from "kysely";

import { createId } from "../ids/ids.js";
import type { Catalog } from "./catalog.js";
import type { UserRecord } from "./records.js";
import type { UsersTable } from "./schema.js";
import { sqlOf } from "./sql.js";
import { fromBit, toBit } from "./stored-bit.js";

/** A new user. */
export interface NewUser {
  readonly name: string;
  readonly isAdmin: boolean;
  readonly nowMs: number;
}

/** Creates a user; undefined if the name is taken. */
export async function insertUser(catalog: Catalog, user: NewUser): Promise<UserRecord | undefined> {
  const row: UsersTable = {
    id: createId(user.nowMs),
    name: user.name,
    is_admin: toBit(user.isAdmin),
    created_at: user.nowMs,
  };
  const inserted = await sqlOf(catalog)
    .insertInto("users")
    .values(row)
    .onConflict((conflict) => conflict.column("name").doNothing())
    .returningAll()
    .executeTakeFirst();
  return inserted && toUserRecord(inserted);
}

/** The user of that name. */
export async function findUserByName(
  catalog: Catalog,
  name: string,
): Promise<UserRecord | undefined> {
  const row = await sqlOf(catalog)
    .selectFrom("users")
    .selectAll()
    .where("name", "=", name)
    .executeTakeFirst();
  return row && toUserRecord(row);
}

/** The user with that id. */
export async function findUserById(catalog: Catalog, id: string): Promise<UserRecord | undefined> {
  const row = await sqlOf(catalog)
    .selectFrom("users")
    .selectAll()
    .where("id", "=", id)
    .executeTakeFirst();
  return row && toUserRecord(row);
}

/** All users, by name. */
export async function listUsers(catalog: Catalog): Promise<UserRecord[]> {
  const rows = await sqlOf(catalog).selectFrom("users").selectAll().orderBy("name").execute();
  return rows.map(toUserRecord);
}

function toUserRecord(row: Selectable<UsersTable>): UserRecord {
  return {
    id: row.id,
    name: row.name,
    isAdmin: fromBit(row.is_admin),
    createdAtMs: row.created_at,
  };
}
