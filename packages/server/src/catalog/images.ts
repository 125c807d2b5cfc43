import type { Digest, ImageHash } from "@sifshelf/protocol";
import { parseDigest, parseImageHash } from "@sifshelf/protocol";
import type { InferResult } from "kysely";

import { createId } from "../ids/ids.js";
import { type Catalog, inTransaction } from "./catalog.js";
import { CONTAINER_COLUMNS, toContainerRecord } from "./containers.js";
import { allRows, changeRows, firstRow, prepare, requireRow } from "./session/prepared.js";
import type { ImageRecord, InspectedImage } from "./records.js";
import { noteChange } from "./search/changes.js";
import { type Db, sqlOf } from "./sql.js";
import { fromBit, fromBitOrNull, toBit } from "./stored-bit.js";

/** A new image, before its bytes arrive. */
export interface NewImage {
  readonly containerId: string;
  readonly hash: ImageHash;
  readonly description: string;
  /** Name of the user who creates it. */
  readonly createdBy: string;
  readonly nowMs: number;
}

/** Facts of an image whose bytes are stored. */
export interface UploadedImage {
  readonly sizeBytes: number;
  readonly blobDigest: Digest;
  readonly inspected: InspectedImage;
  /** Name of the user who uploaded it. */
  readonly updatedBy: string;
  readonly nowMs: number;
}

/** Images with all that they belong to, for a query to narrow down. See {@link toImageRecord}. */
export function selectImages(db: Db) {
  return db
    .selectFrom("images")
    .innerJoin("containers", "containers.id", "images.container_id")
    .innerJoin("collections", "collections.id", "containers.collection_id")
    .innerJoin("entities", "entities.id", "collections.entity_id")
    .innerJoin("users", "users.id", "entities.owner_id")
    .selectAll("images")
    .select(CONTAINER_COLUMNS);
}

/** The record of a row of {@link selectImages}. */
export function toImageRecord(
  row: InferResult<ReturnType<typeof selectImages>>[number],
): ImageRecord {
  return {
    id: row.id,
    container: toContainerRecord(row),
    hash: parseImageHash(row.hash),
    description: row.description,
    sizeBytes: row.size,
    isUploaded: fromBit(row.uploaded),
    blobDigest: row.blob_digest === null ? null : parseDigest(row.blob_digest),
    arch: row.arch,
    isSigned: fromBitOrNull(row.signed),
    isEncrypted: fromBitOrNull(row.encrypted),
    fingerprints: parseFingerprints(row.fingerprints),
    sifId: row.sif_id,
    customData: row.custom_data,
    createdBy: row.created_by,
    createdAtMs: row.created_at,
    updatedBy: row.updated_by,
    updatedAtMs: row.updated_at,
  };
}

const IN_CONTAINER = prepare((db, { containerId, hash }: { containerId: string; hash: string }) =>
  selectImages(db).where("images.container_id", "=", containerId).where("images.hash", "=", hash),
);

/** Creates an image, not yet uploaded, or returns the container's one of that hash unchanged. */
export async function insertImageIfAbsent(catalog: Catalog, image: NewImage): Promise<ImageRecord> {
  const { containerId, hash } = image;
  // What exists is found without waiting for other writers.
  const existing = await firstRow(catalog, IN_CONTAINER, { containerId, hash });
  if (existing !== undefined) return toImageRecord(existing);
  await sqlOf(catalog)
    .insertInto("images")
    .values({
      id: createId(image.nowMs),
      container_id: containerId,
      hash,
      description: image.description,
      size: 0,
      uploaded: 0,
      blob_digest: null,
      arch: null,
      signed: null,
      encrypted: null,
      fingerprints: "[]",
      sif_id: null,
      custom_data: "",
      created_by: image.createdBy,
      created_at: image.nowMs,
      updated_by: null,
      updated_at: null,
    })
    .onConflict((conflict) => conflict.columns(["container_id", "hash"]).doNothing())
    .execute();
  return toImageRecord(await requireRow(catalog, IN_CONTAINER, { containerId, hash }));
}

const BY_ID = prepare((db, { id }: { id: string }) => selectImages(db).where("images.id", "=", id));

/** The image with that id, uploaded or not. */
export async function findImageById(
  catalog: Catalog,
  id: string,
): Promise<ImageRecord | undefined> {
  const row = await firstRow(catalog, BY_ID, { id });
  return row && toImageRecord(row);
}

const BY_IDS = prepare((db, { ids }: { ids: string }, words) =>
  selectImages(db).where("images.id", "in", words.elementsOf(ids)),
);

/** The images with these ids, uploaded or not, by id, in one query. */
export async function findImagesById(
  catalog: Catalog,
  ids: readonly string[],
): Promise<ReadonlyMap<string, ImageRecord>> {
  if (ids.length === 0) return new Map();
  const rows = await allRows(catalog, BY_IDS, { ids: JSON.stringify(ids) });
  return new Map(rows.map((row) => [row.id, toImageRecord(row)]));
}

/**
 * Marks an image uploaded. Its blob must be in the catalog already (same transaction). False, with
 * nothing changed, if there is no such image or it was uploaded before.
 */
export async function markImageUploaded(
  catalog: Catalog,
  imageId: string,
  uploaded: UploadedImage,
): Promise<boolean> {
  const { inspected } = uploaded;
  return inTransaction(catalog, { locks: { image: imageId } }, async (transaction) => {
    const { numUpdatedRows } = await sqlOf(transaction)
      .updateTable("images")
      .set({
        size: uploaded.sizeBytes,
        uploaded: 1,
        blob_digest: uploaded.blobDigest,
        arch: inspected.arch,
        signed: toBit(inspected.isSigned),
        encrypted: toBit(inspected.isEncrypted),
        fingerprints: JSON.stringify(inspected.fingerprints),
        sif_id: inspected.sifId,
        updated_by: uploaded.updatedBy,
        updated_at: uploaded.nowMs,
      })
      .where("id", "=", imageId)
      .where("uploaded", "=", 0)
      .executeTakeFirst();
    noteChange(transaction, "image", imageId);
    return numUpdatedRows > 0n;
  });
}

const DELETE = prepare((db, { imageId }: { imageId: string }) =>
  db.deleteFrom("images").where("id", "=", imageId),
);

/**
 * Deletes an image with its tags and uploads; its blob stays until collected. False if there is
 * none with this id.
 */
export async function deleteImage(catalog: Catalog, imageId: string): Promise<boolean> {
  return inTransaction(catalog, { locks: { image: imageId } }, async (transaction) => {
    noteChange(transaction, "image", imageId);
    return (await changeRows(transaction, DELETE, { imageId })) > 0;
  });
}

function parseFingerprints(json: string): string[] {
  const value: unknown = JSON.parse(json);
  return Array.isArray(value)
    ? value.filter((item): item is string => typeof item === "string")
    : [];
}
