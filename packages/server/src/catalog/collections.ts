import type { InferResult } from "kysely";

import { type Catalog, inTransaction } from "./catalog.js";
import { createId } from "../ids/ids.js";
import { MAX_LISTED_IDS, oldestFirst } from "./listed-ids.js";
import type { CollectionRecord, Viewer } from "./records.js";
import { noteChange } from "./search/changes.js";
import { fromBit, toBit } from "./stored-bit.js";
import { collectionIsVisible, containerIsVisible } from "./visibility.js";
import { type Db, sqlOf } from "./sql.js";

/** What it takes to make a collection. */
export interface NewCollection {
  readonly entityId: string;
  readonly name: string;
  readonly description: string;
  readonly isPrivate: boolean;
  /** Name of the user who makes it. */
  readonly createdBy: string;
  readonly nowMs: number;
}

/** Collections with their entities and owners, for a query to narrow down; rows go through {@link toCollectionRecord}. */
export function selectCollections(db: Db) {
  return db
    .selectFrom("collections")
    .innerJoin("entities", "entities.id", "collections.entity_id")
    .innerJoin("users", "users.id", "entities.owner_id")
    .selectAll("collections")
    .select([
      "entities.name as entity_name",
      "entities.owner_id as owner_id",
      "users.name as owner_name",
    ]);
}

/** The record of a row of {@link selectCollections}. */
export function toCollectionRecord(
  row: InferResult<ReturnType<typeof selectCollections>>[number],
): CollectionRecord {
  return {
    id: row.id,
    entityId: row.entity_id,
    entityName: row.entity_name,
    ownerId: row.owner_id,
    ownerName: row.owner_name,
    name: row.name,
    description: row.description,
    isPrivate: fromBit(row.private),
    customData: row.custom_data,
    createdBy: row.created_by,
    createdAtMs: row.created_at,
    updatedBy: row.updated_by,
    updatedAtMs: row.updated_at,
  };
}

/** The entity's collection of that name: the new one, or, unchanged, the one that was there. */
export async function insertCollectionIfAbsent(
  catalog: Catalog,
  collection: NewCollection,
): Promise<CollectionRecord> {
  if (!sqlOf(catalog).isTransaction)
    return inTransaction(catalog, {}, (transaction) =>
      insertCollectionIfAbsent(transaction, collection),
    );
  const { numInsertedOrUpdatedRows } = await sqlOf(catalog)
    .insertInto("collections")
    .values({
      id: createId(collection.nowMs),
      entity_id: collection.entityId,
      name: collection.name,
      description: collection.description,
      private: toBit(collection.isPrivate),
      custom_data: "",
      created_by: collection.createdBy,
      created_at: collection.nowMs,
      updated_by: null,
      updated_at: null,
    })
    .onConflict((conflict) => conflict.columns(["entity_id", "name"]).doNothing())
    .executeTakeFirst();
  const row = await selectCollections(sqlOf(catalog))
    .where("collections.entity_id", "=", collection.entityId)
    .where("collections.name", "=", collection.name)
    .executeTakeFirstOrThrow();
  if (numInsertedOrUpdatedRows === 1n) noteChange(catalog, "collection", row.id);
  return toCollectionRecord(row);
}

/** The collection `entityName/name`. */
export async function findCollection(
  catalog: Catalog,
  entityName: string,
  name: string,
): Promise<CollectionRecord | undefined> {
  const row = await selectCollections(sqlOf(catalog))
    .where("entities.name", "=", entityName)
    .where("collections.name", "=", name)
    .executeTakeFirst();
  return row && toCollectionRecord(row);
}

/** The collection with that id. */
export async function findCollectionById(
  catalog: Catalog,
  id: string,
): Promise<CollectionRecord | undefined> {
  const row = await selectCollections(sqlOf(catalog))
    .where("collections.id", "=", id)
    .executeTakeFirst();
  return row && toCollectionRecord(row);
}

/** Ids of the entity's collections that the viewer may see, oldest first; of more than 10 000 the newest. */
export async function listCollectionIds(
  catalog: Catalog,
  entityId: string,
  viewer: Viewer,
): Promise<string[]> {
  const rows = await sqlOf(catalog)
    .selectFrom("collections")
    .innerJoin("entities", "entities.id", "collections.entity_id")
    .select("collections.id")
    .where("collections.entity_id", "=", entityId)
    .where(collectionIsVisible(viewer))
    .orderBy("collections.id", "desc")
    .limit(MAX_LISTED_IDS)
    .execute();
  return oldestFirst(rows);
}

/** Bytes of the collection's uploaded images that the viewer may see. */
export async function collectionSize(
  catalog: Catalog,
  collectionId: string,
  viewer: Viewer,
): Promise<number> {
  const row = await sqlOf(catalog)
    .selectFrom("images")
    .innerJoin("containers", "containers.id", "images.container_id")
    .innerJoin("collections", "collections.id", "containers.collection_id")
    .innerJoin("entities", "entities.id", "collections.entity_id")
    .select((eb) => eb.fn.sum("images.size").as("bytes"))
    .where("collections.id", "=", collectionId)
    .where("images.uploaded", "=", 1)
    .where(containerIsVisible(viewer))
    .executeTakeFirst();
  return Number(row?.bytes ?? 0);
}
