import type { InferResult } from "kysely";

import { type Catalog, inTransaction } from "./catalog.js";
import { createId } from "../ids/ids.js";
import { MAX_LISTED_IDS, oldestFirst } from "./listed-ids.js";
import type { ContainerRecord, Viewer } from "./records.js";
import { noteChange } from "./search/changes.js";
import { fromBit, toBit } from "./stored-bit.js";
import { containerIsVisible } from "./visibility.js";
import { type Db, sqlOf } from "./sql.js";

/** What it takes to make a container. */
export interface NewContainer {
  readonly collectionId: string;
  readonly name: string;
  readonly description: string;
  readonly isPrivate: boolean;
  /** Name of the user who makes it. */
  readonly createdBy: string;
  readonly nowMs: number;
}

/** Columns of a container and what it stands in, named so that an image's fit beside them. */
export const CONTAINER_COLUMNS = [
  "entities.id as entity_id",
  "entities.name as entity_name",
  "entities.owner_id as owner_id",
  "users.name as owner_name",
  "collections.id as collection_id",
  "collections.name as collection_name",
  "collections.private as collection_private",
  "containers.id as container_id",
  "containers.name as container_name",
  "containers.description as container_description",
  "containers.full_description as container_full_description",
  "containers.private as container_private",
  "containers.read_only as container_read_only",
  "containers.download_count as container_download_count",
  "containers.stars as container_stars",
  "containers.custom_data as container_custom_data",
  "containers.created_by as container_created_by",
  "containers.created_at as container_created_at",
  "containers.updated_by as container_updated_by",
  "containers.updated_at as container_updated_at",
] as const;

/** Containers with their collections, entities and owners, for a query to narrow down; rows go through {@link toContainerRecord}. */
export function selectContainers(db: Db) {
  return db
    .selectFrom("containers")
    .innerJoin("collections", "collections.id", "containers.collection_id")
    .innerJoin("entities", "entities.id", "collections.entity_id")
    .innerJoin("users", "users.id", "entities.owner_id")
    .select(CONTAINER_COLUMNS);
}

/** The record of a row of {@link selectContainers}, or of any row that has its columns. */
export function toContainerRecord(
  row: InferResult<ReturnType<typeof selectContainers>>[number],
): ContainerRecord {
  return {
    id: row.container_id,
    entityId: row.entity_id,
    entityName: row.entity_name,
    ownerId: row.owner_id,
    ownerName: row.owner_name,
    collectionId: row.collection_id,
    collectionName: row.collection_name,
    name: row.container_name,
    description: row.container_description,
    fullDescription: row.container_full_description,
    isPrivate: fromBit(row.container_private) || fromBit(row.collection_private),
    isReadOnly: fromBit(row.container_read_only),
    downloadCount: row.container_download_count,
    stars: row.container_stars,
    customData: row.container_custom_data,
    createdBy: row.container_created_by,
    createdAtMs: row.container_created_at,
    updatedBy: row.container_updated_by,
    updatedAtMs: row.container_updated_at,
  };
}

/** The collection's container of that name: the new one, or, unchanged, the one that was there. */
export async function insertContainerIfAbsent(
  catalog: Catalog,
  container: NewContainer,
): Promise<ContainerRecord> {
  if (!sqlOf(catalog).isTransaction)
    return inTransaction(catalog, {}, (transaction) =>
      insertContainerIfAbsent(transaction, container),
    );
  const { numInsertedOrUpdatedRows } = await sqlOf(catalog)
    .insertInto("containers")
    .values({
      id: createId(container.nowMs),
      collection_id: container.collectionId,
      name: container.name,
      description: container.description,
      full_description: "",
      private: toBit(container.isPrivate),
      read_only: 0,
      download_count: 0,
      stars: 0,
      custom_data: "",
      created_by: container.createdBy,
      created_at: container.nowMs,
      updated_by: null,
      updated_at: null,
    })
    .onConflict((conflict) => conflict.columns(["collection_id", "name"]).doNothing())
    .executeTakeFirst();
  const row = await selectContainers(sqlOf(catalog))
    .where("containers.collection_id", "=", container.collectionId)
    .where("containers.name", "=", container.name)
    .executeTakeFirstOrThrow();
  if (numInsertedOrUpdatedRows === 1n) noteChange(catalog, "container", row.container_id);
  return toContainerRecord(row);
}

/** The container `entityName/collectionName/name`. */
export async function findContainer(
  catalog: Catalog,
  entityName: string,
  collectionName: string,
  name: string,
): Promise<ContainerRecord | undefined> {
  const row = await selectContainers(sqlOf(catalog))
    .where("entities.name", "=", entityName)
    .where("collections.name", "=", collectionName)
    .where("containers.name", "=", name)
    .executeTakeFirst();
  return row && toContainerRecord(row);
}

/** The container with that id. */
export async function findContainerById(
  catalog: Catalog,
  id: string,
): Promise<ContainerRecord | undefined> {
  const row = await selectContainers(sqlOf(catalog))
    .where("containers.id", "=", id)
    .executeTakeFirst();
  return row && toContainerRecord(row);
}

/** Ids of the collection's containers that the viewer may see, oldest first; of more than 10 000 the newest. */
export async function listContainerIds(
  catalog: Catalog,
  collectionId: string,
  viewer: Viewer,
): Promise<string[]> {
  const rows = await sqlOf(catalog)
    .selectFrom("containers")
    .innerJoin("collections", "collections.id", "containers.collection_id")
    .innerJoin("entities", "entities.id", "collections.entity_id")
    .select("containers.id")
    .where("containers.collection_id", "=", collectionId)
    .where(containerIsVisible(viewer))
    .orderBy("containers.id", "desc")
    .limit(MAX_LISTED_IDS)
    .execute();
  return oldestFirst(rows);
}

/** Counts one pull. */
export async function addDownload(catalog: Catalog, containerId: string): Promise<void> {
  await sqlOf(catalog)
    .updateTable("containers")
    .set((eb) => ({ download_count: eb("download_count", "+", 1) }))
    .where("id", "=", containerId)
    .execute();
}

/** Bytes of the container's uploaded images. */
export async function containerSize(catalog: Catalog, containerId: string): Promise<number> {
  const row = await sqlOf(catalog)
    .selectFrom("images")
    .select((eb) => eb.fn.sum("size").as("bytes"))
    .where("container_id", "=", containerId)
    .where("uploaded", "=", 1)
    .executeTakeFirst();
  return Number(row?.bytes ?? 0);
}
