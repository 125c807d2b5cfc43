import { DEFAULT_COLLECTION, DEFAULT_ENTITY } from "@sifshelf/protocol";

import { FIRST_ADMIN } from "./add-user.js";
import { issueToken } from "./issue-token.js";
import { type Catalog, inTransaction } from "../catalog/catalog.js";
import { insertCollectionIfAbsent } from "../catalog/collections.js";
import { findEntityByName, insertEntityIfAbsent } from "../catalog/entities.js";
import type { UserRecord } from "../catalog/records.js";
import { insertUser } from "../catalog/users.js";

/**
 * Sets up an empty catalog: the user `admin` with a token of scope `admin`, and the entity and
 * collection of short refs. All of it or nothing, and once: of two processes that start at the same
 * time, one sets it up. Returns the token's secret, or undefined if the catalog was set up before.
 */
export async function setUpOnFirstStart(
  catalog: Catalog,
  nowMs: number,
): Promise<string | undefined> {
  if (await isSetUp(catalog)) return undefined;
  return inTransaction(catalog, {}, async (transaction) => {
    // The name is unique: a second process waits here for the first to commit, and then gets none.
    const admin = await insertUser(transaction, { name: FIRST_ADMIN, isAdmin: true, nowMs });
    if (admin === undefined) {
      if (await isSetUp(transaction)) return undefined;
      throw new Error(`the catalog has a user ${FIRST_ADMIN} but no entity ${DEFAULT_ENTITY}`);
    }
    await createDefaults(transaction, admin, nowMs);
    const grant = { scope: "admin", label: "first start", expiresAtMs: null, nowMs } as const;
    return (await issueToken(transaction, admin, grant)).secret;
  });
}

async function isSetUp(catalog: Catalog): Promise<boolean> {
  return (await findEntityByName(catalog, DEFAULT_ENTITY)) !== undefined;
}

async function createDefaults(catalog: Catalog, admin: UserRecord, nowMs: number): Promise<void> {
  const made = { createdBy: admin.name, nowMs };
  const entity = await insertEntityIfAbsent(catalog, {
    ...made,
    name: DEFAULT_ENTITY,
    description: "Where short refs lead",
    ownerId: admin.id,
    quotaBytes: 0,
    defaultPrivate: false,
  });
  await insertCollectionIfAbsent(catalog, {
    ...made,
    entityId: entity.id,
    name: DEFAULT_COLLECTION,
    description: "Where short refs lead",
    isPrivate: false,
  });
}
