import { type InferResult, sql } from "kysely";

import { MAY_SEE } from "../access/rule.js";
import type { Viewer } from "../access/viewer.js";
import { createId } from "../ids/ids.js";
import type { SqlWords } from "./session/adapter.js";
import { type Catalog, inTransaction } from "./catalog.js";
import { newestIds, parseIds } from "./listed-ids.js";
import { allRows, firstRow, prepare, requireRow } from "./session/prepared.js";
import type { CollectionRecord } from "./records.js";
import { noteChange } from "./search/changes.js";
import { type Db, sqlOf } from "./sql.js";
import { fromBit, toBit } from "./stored-bit.js";
import {
  CONTAINER_ROW,
  type ViewerValues,
  anyViewer,
  conditionOf,
  viewerValues,
} from "./visibility.js";

/** A new collection. */
export interface NewCollection {
  readonly entityId: string;
  readonly name: string;
  readonly description: string;
  readonly isPrivate: boolean;
  /** Name of the user who creates it. */
  readonly createdBy: string;
  readonly nowMs: number;
}

/** What is in a collection, as far as a viewer may see it. */
export interface CollectionContents {
  /** Oldest first; of more than 10 000 the newest. */
  readonly containerIds: readonly string[];
  /** Bytes of the uploaded images, each counted in full. */
  readonly sizeBytes: number;
}

/**
 * Collections with their entities and owners, for a query to narrow down. See {@link
 * toCollectionRecord}.
 */
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

const IN_ENTITY = prepare((db, { entityId, name }: { entityId: string; name: string }) =>
  selectCollections(db)
    .where("collections.entity_id", "=", entityId)
    .where("collections.name", "=", name),
);

/** Creates a collection, or returns the entity's one of that name unchanged. */
export async function insertCollectionIfAbsent(
  catalog: Catalog,
  collection: NewCollection,
): Promise<CollectionRecord> {
  const { entityId, name } = collection;
  // What exists is found without waiting for other writers.
  const existing = await firstRow(catalog, IN_ENTITY, { entityId, name });
  if (existing !== undefined) return toCollectionRecord(existing);
  return inTransaction(catalog, {}, async (transaction) => {
    const { numInsertedOrUpdatedRows } = await sqlOf(transaction)
      .insertInto("collections")
      .values({
        id: createId(collection.nowMs),
        entity_id: entityId,
        name,
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
    const row = await requireRow(transaction, IN_ENTITY, { entityId, name });
    if (numInsertedOrUpdatedRows === 1n) noteChange(transaction, "collection", row.id);
    return toCollectionRecord(row);
  });
}

type Path = { readonly entity: string; readonly name: string };

const BY_PATH = prepare((db, { entity, name }: Path) =>
  selectCollections(db).where("entities.name", "=", entity).where("collections.name", "=", name),
);

/** The collection `entityName/name`. */
export async function findCollection(
  catalog: Catalog,
  entityName: string,
  name: string,
): Promise<CollectionRecord | undefined> {
  const row = await firstRow(catalog, BY_PATH, { entity: entityName, name });
  return row && toCollectionRecord(row);
}

const BY_ID = prepare((db, { id }: { id: string }) =>
  selectCollections(db).where("collections.id", "=", id),
);

/** The collection with that id. */
export async function findCollectionById(
  catalog: Catalog,
  id: string,
): Promise<CollectionRecord | undefined> {
  const row = await firstRow(catalog, BY_ID, { id });
  return row && toCollectionRecord(row);
}

const CONTENTS = prepare((db, values: ViewerValues & { readonly ids: string }, words) =>
  db
    .selectFrom("collections")
    .innerJoin("entities", "entities.id", "collections.entity_id")
    .select("collections.id")
    .select(contentsOf(values, words))
    .where("collections.id", "in", words.elementsOf(values.ids)),
);

/** What is in each of the collections, by their ids, in one query. */
export async function listCollectionContents(
  catalog: Catalog,
  ids: readonly string[],
  viewer: Viewer,
): Promise<ReadonlyMap<string, CollectionContents>> {
  if (ids.length === 0) return new Map();
  const values = { ...viewerValues(viewer), ids: JSON.stringify(ids) };
  const rows = await allRows(catalog, CONTENTS, values);
  return new Map(rows.map((row) => [row.id, toContents(row)]));
}

function contentsOf(values: ViewerValues, words: SqlWords) {
  const isVisible = conditionOf(MAY_SEE, anyViewer(values, words), CONTAINER_ROW);
  const containers = sql`
    containers where containers.collection_id = collections.id and ${isVisible}`;
  const size = sql<number | string>`(
    select coalesce(sum(images.size), 0) from containers
    join images on images.container_id = containers.id
    where containers.collection_id = collections.id and images.uploaded = 1 and ${isVisible})`;
  return [
    newestIds(words, "containers", containers).as("container_ids"),
    size.as("size_bytes"),
  ] as const;
}

function toContents(row: {
  readonly container_ids: string;
  readonly size_bytes: number | string;
}): CollectionContents {
  return { containerIds: parseIds(row.container_ids), sizeBytes: Number(row.size_bytes) };
}
