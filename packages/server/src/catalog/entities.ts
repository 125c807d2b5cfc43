import type { InferResult } from "kysely";

import { type Catalog, inTransaction } from "./catalog.js";
import { createId } from "../ids/ids.js";
import type { EntityRecord, Viewer } from "./records.js";
import { noteChange } from "./search/changes.js";
import { fromBit, toBit } from "./stored-bit.js";
import { containerIsVisible } from "./visibility.js";
import { type Db, sqlOf } from "./sql.js";

/** What it takes to make an entity. */
export interface NewEntity {
  readonly name: string;
  readonly description: string;
  readonly ownerId: string;
  /** 0 is unlimited. */
  readonly quotaBytes: number;
  readonly defaultPrivate: boolean;
  /** Name of the user who makes it. */
  readonly createdBy: string;
  readonly nowMs: number;
}

/** Entities with the names of their owners, for a query to narrow down; rows go through {@link toEntityRecord}. */
export function selectEntities(db: Db) {
  return db
    .selectFrom("entities")
    .innerJoin("users", "users.id", "entities.owner_id")
    .selectAll("entities")
    .select("users.name as owner_name");
}

/** The record of a row of {@link selectEntities}. */
export function toEntityRecord(
  row: InferResult<ReturnType<typeof selectEntities>>[number],
): EntityRecord {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    ownerId: row.owner_id,
    ownerName: row.owner_name,
    quotaBytes: row.quota_bytes,
    defaultPrivate: fromBit(row.default_private),
    customData: row.custom_data,
    createdBy: row.created_by,
    createdAtMs: row.created_at,
    updatedBy: row.updated_by,
    updatedAtMs: row.updated_at,
  };
}

/** The entity of that name: the new one, or, unchanged, the one that was there. */
export async function insertEntityIfAbsent(
  catalog: Catalog,
  entity: NewEntity,
): Promise<EntityRecord> {
  if (!sqlOf(catalog).isTransaction)
    return inTransaction(catalog, {}, (transaction) => insertEntityIfAbsent(transaction, entity));
  const { numInsertedOrUpdatedRows } = await sqlOf(catalog)
    .insertInto("entities")
    .values({
      id: createId(entity.nowMs),
      name: entity.name,
      description: entity.description,
      owner_id: entity.ownerId,
      quota_bytes: entity.quotaBytes,
      default_private: toBit(entity.defaultPrivate),
      custom_data: "",
      created_by: entity.createdBy,
      created_at: entity.nowMs,
      updated_by: null,
      updated_at: null,
    })
    .onConflict((conflict) => conflict.column("name").doNothing())
    .executeTakeFirst();
  const row = await selectEntities(sqlOf(catalog))
    .where("entities.name", "=", entity.name)
    .executeTakeFirstOrThrow();
  if (numInsertedOrUpdatedRows === 1n) noteChange(catalog, "entity", row.id);
  return toEntityRecord(row);
}

/** The entity of that name. */
export async function findEntityByName(
  catalog: Catalog,
  name: string,
): Promise<EntityRecord | undefined> {
  const row = await selectEntities(sqlOf(catalog))
    .where("entities.name", "=", name)
    .executeTakeFirst();
  return row && toEntityRecord(row);
}

/** The entity with that id. */
export async function findEntityById(
  catalog: Catalog,
  id: string,
): Promise<EntityRecord | undefined> {
  const row = await selectEntities(sqlOf(catalog)).where("entities.id", "=", id).executeTakeFirst();
  return row && toEntityRecord(row);
}

/** Bytes of the entity's uploaded images, each counted in full; of those that `viewer` may see, or without one, of all. */
export async function entityUsage(
  catalog: Catalog,
  entityId: string,
  viewer?: Viewer,
): Promise<number> {
  const row = await sqlOf(catalog)
    .selectFrom("images")
    .innerJoin("containers", "containers.id", "images.container_id")
    .innerJoin("collections", "collections.id", "containers.collection_id")
    .innerJoin("entities", "entities.id", "collections.entity_id")
    .select((eb) => eb.fn.sum("images.size").as("bytes"))
    .where("entities.id", "=", entityId)
    .where("images.uploaded", "=", 1)
    .where(containerIsVisible(viewer ?? { userId: null, seesAll: true }))
    .executeTakeFirst();
  return Number(row?.bytes ?? 0);
}
