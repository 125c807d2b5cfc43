import { type AliasedExpression, type InferResult, type SqlBool, sql } from "kysely";

import { createId } from "../ids/ids.js";
import type { SqlWords } from "./session/adapter.js";
import { type Catalog, inTransaction } from "./catalog.js";
import { newestIds, parseIds } from "./listed-ids.js";
import { MAX_CONTENT_ROWS } from "./read-contents.js";
import { allRows, changeRows, firstRow, prepare, requireRow } from "./session/prepared.js";
import type { ContainerRecord, TagRecord } from "./records.js";
import { noteChange } from "./search/changes.js";
import { type Db, sqlOf } from "./sql.js";
import { fromBit, toBit } from "./stored-bit.js";
import { parseTags } from "./tags.js";

/** A new container. */
export interface NewContainer {
  readonly collectionId: string;
  readonly name: string;
  readonly description: string;
  readonly isPrivate: boolean;
  /** Name of the user who creates it. */
  readonly createdBy: string;
  readonly nowMs: number;
}

/** What is in a container. */
export interface ContainerContents {
  /** Uploaded images, oldest first; of more than 10 000 the newest. */
  readonly imageIds: readonly string[];
  /** By arch and name. */
  readonly tags: readonly TagRecord[];
  /** Bytes of the uploaded images. */
  readonly sizeBytes: number;
}

/** Columns of a container and of what it belongs to, named so that an image's fit beside them. */
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

/**
 * Containers with their collections, entities and owners, for a query to narrow down. See
 * {@link toContainerRecord}.
 */
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

const IN_COLLECTION = prepare(
  (db, { collectionId, name }: { collectionId: string; name: string }) =>
    selectContainers(db)
      .where("containers.collection_id", "=", collectionId)
      .where("containers.name", "=", name),
);

/** Creates a container, or returns the collection's one of that name unchanged. */
export async function insertContainerIfAbsent(
  catalog: Catalog,
  container: NewContainer,
): Promise<ContainerRecord> {
  const { collectionId, name } = container;
  // What exists is found without waiting for other writers.
  const existing = await firstRow(catalog, IN_COLLECTION, { collectionId, name });
  if (existing !== undefined) return toContainerRecord(existing);
  return inTransaction(catalog, {}, async (transaction) => {
    const { numInsertedOrUpdatedRows } = await sqlOf(transaction)
      .insertInto("containers")
      .values({
        id: createId(container.nowMs),
        collection_id: collectionId,
        name,
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
    const row = await requireRow(transaction, IN_COLLECTION, { collectionId, name });
    if (numInsertedOrUpdatedRows === 1n) noteChange(transaction, "container", row.container_id);
    return toContainerRecord(row);
  });
}

type Path = { readonly entity: string; readonly collection: string; readonly name: string };

const BY_PATH = prepare((db, { entity, collection, name }: Path) =>
  selectContainers(db)
    .where("entities.name", "=", entity)
    .where("collections.name", "=", collection)
    .where("containers.name", "=", name),
);

/** The container `entityName/collectionName/name`. */
export async function findContainer(
  catalog: Catalog,
  entityName: string,
  collectionName: string,
  name: string,
): Promise<ContainerRecord | undefined> {
  const path = { entity: entityName, collection: collectionName, name };
  const row = await firstRow(catalog, BY_PATH, path);
  return row && toContainerRecord(row);
}

const BY_ID = prepare((db, { id }: { id: string }) =>
  selectContainers(db).where("containers.id", "=", id),
);

/** The container with that id. */
export async function findContainerById(
  catalog: Catalog,
  id: string,
): Promise<ContainerRecord | undefined> {
  const row = await firstRow(catalog, BY_ID, { id });
  return row && toContainerRecord(row);
}

const BY_PATH_WITH_CONTENTS = prepare((db, { entity, collection, name }: Path, words) =>
  selectContainers(db)
    .select(contentsUnlessLarge(words))
    .where("entities.name", "=", entity)
    .where("collections.name", "=", collection)
    .where("containers.name", "=", name),
);

/**
 * The container of that path and what is in it, in one query. The contents of a large container are
 * left out: they are to be read with {@link listContainerContents} as a long read.
 */
export async function findContainerWithContents(
  catalog: Catalog,
  { entity, collection, name }: Path,
): Promise<
  | { readonly container: ContainerRecord; readonly contents: ContainerContents | undefined }
  | undefined
> {
  const row = await firstRow(catalog, BY_PATH_WITH_CONTENTS, { entity, collection, name });
  if (row === undefined) return undefined;
  const { image_ids, tags, size_bytes } = row;
  const isLarge = image_ids === null || tags === null || size_bytes === null;
  const contents = isLarge ? undefined : toContents({ image_ids, tags, size_bytes });
  return { container: toContainerRecord(row), contents };
}

const CONTENTS = prepare((db, { ids }: { ids: string }, words) =>
  db
    .selectFrom("containers")
    .select("containers.id")
    .select(contentsOf(words))
    .where("containers.id", "in", words.elementsOf(ids)),
);

/** What is in each of the containers, by their ids, in one query. */
export async function listContainerContents(
  catalog: Catalog,
  ids: readonly string[],
): Promise<ReadonlyMap<string, ContainerContents>> {
  if (ids.length === 0) return new Map();
  const rows = await allRows(catalog, CONTENTS, { ids: JSON.stringify(ids) });
  return new Map(rows.map((row) => [row.id, toContents(row)]));
}

const ADD_DOWNLOAD = prepare((db, { id }: { id: string }) =>
  db
    .updateTable("containers")
    .set((eb) => ({ download_count: eb("download_count", "+", 1) }))
    .where("id", "=", id),
);

/** Counts one pull. */
export async function addDownload(catalog: Catalog, containerId: string): Promise<void> {
  await changeRows(catalog, ADD_DOWNLOAD, { id: containerId });
}

function contentsOf(words: SqlWords) {
  const images = sql`images where images.container_id = containers.id and images.uploaded = 1`;
  const [arch, name, imageId] = [
    sql.ref("tags.arch"),
    sql.ref("tags.name"),
    sql.ref("tags.image_id"),
  ];
  const tags = sql<string>`(
    select ${words.arrayOf(words.tupleOf(arch, name, imageId), sql`${arch}, ${name}`)}
    from tags where tags.container_id = containers.id)`;
  const size = sql<number | string>`(select coalesce(sum(images.size), 0) from ${images})`;
  return [
    newestIds(words, "images", images).as("image_ids"),
    tags.as("tags"),
    size.as("size_bytes"),
  ] as const;
}

/** The columns of {@link contentsOf}, null if the container has very many images or tags. */
function contentsUnlessLarge(words: SqlWords) {
  const more = sql.lit(MAX_CONTENT_ROWS);
  const isLarge = sql<SqlBool>`(
    exists (select 1 from images where images.container_id = containers.id limit 1 offset ${more})
    or exists (select 1 from tags where tags.container_id = containers.id limit 1 offset ${more}))`;
  const [imageIds, tags, size] = contentsOf(words);
  const unlessLarge = <T>(value: AliasedExpression<T, string>) =>
    sql<T | null>`case when ${isLarge} then null else ${value.expression} end`;
  return [
    unlessLarge(imageIds).as("image_ids"),
    unlessLarge(tags).as("tags"),
    unlessLarge(size).as("size_bytes"),
  ] as const;
}

function toContents(row: {
  readonly image_ids: string;
  readonly tags: string;
  readonly size_bytes: number | string;
}): ContainerContents {
  return {
    imageIds: parseIds(row.image_ids),
    tags: parseTags(row.tags),
    sizeBytes: Number(row.size_bytes),
  };
}
