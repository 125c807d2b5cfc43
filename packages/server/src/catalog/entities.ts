import { type InferResult, sql } from "kysely";

import { MAY_SEE } from "../access/rule.js";
import { EVERYTHING, type Viewer } from "../access/viewer.js";
import { createId } from "../ids/ids.js";
import type { SqlWords } from "./session/adapter.js";
import { type Catalog, inTransaction } from "./catalog.js";
import { newestIds, parseIds } from "./listed-ids.js";
import { allRows, firstRow, prepare, requireRow } from "./session/prepared.js";
import type { EntityRecord } from "./records.js";
import { noteChange } from "./search/changes.js";
import { type Db, sqlOf } from "./sql.js";
import { fromBit, toBit } from "./stored-bit.js";
import {
  COLLECTION_ROW,
  CONTAINER_ROW,
  type ViewerValues,
  anyViewer,
  conditionOf,
  viewerValues,
} from "./visibility.js";

/** A new entity. */
export interface NewEntity {
  readonly name: string;
  readonly description: string;
  readonly ownerId: string;
  /** 0 is unlimited. */
  readonly quotaBytes: number;
  readonly defaultPrivate: boolean;
  /** Name of the user who creates it. */
  readonly createdBy: string;
  readonly nowMs: number;
}

/** What is in an entity, as far as a viewer may see it. */
export interface EntityContents {
  /** Oldest first; of more than 10 000 the newest. */
  readonly collectionIds: readonly string[];
  /** Bytes of the uploaded images, each counted in full. */
  readonly sizeBytes: number;
}

/**
 * Entities with the names of their owners, for a query to narrow down. See {@link toEntityRecord}.
 */
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

/** Creates an entity, or returns the one of that name unchanged. */
export async function insertEntityIfAbsent(
  catalog: Catalog,
  entity: NewEntity,
): Promise<EntityRecord> {
  // What exists is found without waiting for other writers.
  const existing = await findEntityByName(catalog, entity.name);
  if (existing !== undefined) return existing;
  return inTransaction(catalog, {}, async (transaction) => {
    const { numInsertedOrUpdatedRows } = await sqlOf(transaction)
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
    const row = await requireRow(transaction, BY_NAME, { name: entity.name });
    if (numInsertedOrUpdatedRows === 1n) noteChange(transaction, "entity", row.id);
    return toEntityRecord(row);
  });
}

const BY_NAME = prepare((db, { name }: { name: string }) =>
  selectEntities(db).where("entities.name", "=", name),
);

/** The entity of that name. */
export async function findEntityByName(
  catalog: Catalog,
  name: string,
): Promise<EntityRecord | undefined> {
  const row = await firstRow(catalog, BY_NAME, { name });
  return row && toEntityRecord(row);
}

const BY_ID = prepare((db, { id }: { id: string }) =>
  selectEntities(db).where("entities.id", "=", id),
);

/** The entity with that id. */
export async function findEntityById(
  catalog: Catalog,
  id: string,
): Promise<EntityRecord | undefined> {
  const row = await firstRow(catalog, BY_ID, { id });
  return row && toEntityRecord(row);
}

const CONTENTS = prepare((db, values: ViewerValues & { readonly ids: string }, words) =>
  db
    .selectFrom("entities")
    .select("entities.id")
    .select(contentsOf(values, words))
    .where("entities.id", "in", words.elementsOf(values.ids)),
);

/** What is in each of the entities, by their ids, in one query. */
export async function listEntityContents(
  catalog: Catalog,
  ids: readonly string[],
  viewer: Viewer,
): Promise<ReadonlyMap<string, EntityContents>> {
  if (ids.length === 0) return new Map();
  const values = { ...viewerValues(viewer), ids: JSON.stringify(ids) };
  const rows = await allRows(catalog, CONTENTS, values);
  return new Map(rows.map((row) => [row.id, toContents(row)]));
}

/** Bytes of all uploaded images of the entity, each counted in full, whoever may see them. */
export async function entityUsage(catalog: Catalog, entityId: string): Promise<number> {
  const contents = await listEntityContents(catalog, [entityId], EVERYTHING);
  return contents.get(entityId)?.sizeBytes ?? 0;
}

function contentsOf(values: ViewerValues, words: SqlWords) {
  const viewer = anyViewer(values, words);
  const collections = sql`
    collections where collections.entity_id = entities.id
    and ${conditionOf(MAY_SEE, viewer, COLLECTION_ROW)}`;
  const size = sql<number | string>`(
    select coalesce(sum(images.size), 0) from collections
    join containers on containers.collection_id = collections.id
    join images on images.container_id = containers.id
    where collections.entity_id = entities.id and images.uploaded = 1
    and ${conditionOf(MAY_SEE, viewer, CONTAINER_ROW)})`;
  return [
    newestIds(words, "collections", collections).as("collection_ids"),
    size.as("size_bytes"),
  ] as const;
}

function toContents(row: {
  readonly collection_ids: string;
  readonly size_bytes: number | string;
}): EntityContents {
  return { collectionIds: parseIds(row.collection_ids), sizeBytes: Number(row.size_bytes) };
}
