import type { ImageHash } from "@sifshelf/protocol";
import type { Selectable } from "kysely";

import { createId } from "../ids/ids.js";
import type { Catalog } from "./catalog.js";
import { allRows, changeRows, firstRow, prepare } from "./session/prepared.js";
import type { UploadPartRecord, UploadRecord } from "./records.js";
import type { UploadsTable } from "./schema.js";
import { sqlOf } from "./sql.js";

/** A new upload. */
export interface NewUpload extends Omit<UploadRecord, "id" | "state" | "createdAtMs"> {
  readonly nowMs: number;
}

/** Opens an upload. */
export async function insertUpload(catalog: Catalog, upload: NewUpload): Promise<UploadRecord> {
  const row: UploadsTable = {
    id: createId(upload.nowMs),
    image_id: upload.imageId,
    user_id: upload.userId,
    kind: upload.kind,
    size: upload.sizeBytes,
    md5: upload.md5,
    part_size: upload.partSizeBytes,
    total_parts: upload.totalParts,
    state: "open",
    created_at: upload.nowMs,
    expires_at: upload.expiresAtMs,
  };
  await sqlOf(catalog).insertInto("uploads").values(row).execute();
  return toUploadRecord(row);
}

const BY_ID = prepare((db, { id }: { id: string }) =>
  db.selectFrom("uploads").selectAll().where("id", "=", id),
);

/** The upload with that id, in any state. */
export async function findUpload(catalog: Catalog, id: string): Promise<UploadRecord | undefined> {
  const row = await firstRow(catalog, BY_ID, { id });
  return row && toUploadRecord(row);
}

const OF_USER = prepare((db, { imageId, userId }: { imageId: string; userId: string }) =>
  db
    .selectFrom("uploads")
    .selectAll()
    .where("image_id", "=", imageId)
    .where("user_id", "=", userId)
    .orderBy("id", "desc"),
);

/** The user's uploads to that image, in any state, newest first. */
export async function listUploadsOfUser(
  catalog: Catalog,
  imageId: string,
  userId: string,
): Promise<UploadRecord[]> {
  return (await allRows(catalog, OF_USER, { imageId, userId })).map(toUploadRecord);
}

type EndState = Exclude<UploadRecord["state"], "open">;

const SET_STATE = prepare((db, { id, state }: { id: string; state: EndState }) =>
  db.updateTable("uploads").set({ state }).where("id", "=", id).where("state", "=", "open"),
);

/**
 * Ends an open upload. False, with nothing changed, if there is none with this id or it has ended.
 */
export async function setUploadState(
  catalog: Catalog,
  id: string,
  state: EndState,
): Promise<boolean> {
  return (await changeRows(catalog, SET_STATE, { id, state })) > 0;
}

const TOUCH = prepare((db, { id, expiresAtMs }: { id: string; expiresAtMs: number }) =>
  db
    .updateTable("uploads")
    .set((eb) => ({
      expires_at: eb
        .case()
        .when("expires_at", "<", expiresAtMs)
        .then(expiresAtMs)
        .else(eb.ref("expires_at"))
        .end(),
    }))
    .where("id", "=", id)
    .where("state", "=", "open"),
);

/** Puts off the expiry of an open upload; never brings it forward. False if it has ended. */
export async function touchUpload(
  catalog: Catalog,
  id: string,
  expiresAtMs: number,
): Promise<boolean> {
  return (await changeRows(catalog, TOUCH, { id, expiresAtMs })) > 0;
}

type PartKey = { readonly uploadId: string; readonly partNumber: number };

const PART = prepare((db, { uploadId, partNumber }: PartKey) =>
  db
    .selectFrom("upload_parts")
    .select(["part_number as partNumber", "size as sizeBytes", "etag"])
    .where("upload_id", "=", uploadId)
    .where("part_number", "=", partNumber),
);

/** The part of that number, if it was received. */
export function findUploadPart(
  catalog: Catalog,
  uploadId: string,
  partNumber: number,
): Promise<UploadPartRecord | undefined> {
  return firstRow(catalog, PART, { uploadId, partNumber });
}

const PARTS = prepare((db, { uploadId }: { uploadId: string }) =>
  db
    .selectFrom("upload_parts")
    .select(["part_number as partNumber", "size as sizeBytes", "etag"])
    .where("upload_id", "=", uploadId)
    .orderBy("part_number"),
);

/** The parts that were received, by number. */
export function listUploadParts(catalog: Catalog, uploadId: string): Promise<UploadPartRecord[]> {
  return allRows(catalog, PARTS, { uploadId });
}

/** Up to `limit` open uploads whose time is up, by id; `after` is the last of the page before. */
export async function listExpiredUploads(
  catalog: Catalog,
  { nowMs, after = "", limit }: { nowMs: number; after?: string | undefined; limit: number },
): Promise<UploadRecord[]> {
  const rows = await sqlOf(catalog)
    .selectFrom("uploads")
    .selectAll()
    .where("state", "=", "open")
    .where("expires_at", "<=", nowMs)
    .where("id", ">", after)
    .orderBy("id")
    .limit(limit)
    .execute();
  return rows.map(toUploadRecord);
}

/** Whether an upload to an image of that hash is open and its time is not up. */
export async function isHashAwaited(
  catalog: Catalog,
  hash: ImageHash,
  nowMs: number,
): Promise<boolean> {
  const row = await sqlOf(catalog)
    .selectFrom("uploads")
    .innerJoin("images", "images.id", "uploads.image_id")
    .select("uploads.id")
    .where("uploads.state", "=", "open")
    .where("uploads.expires_at", ">", nowMs)
    .where("images.hash", "=", hash)
    .executeTakeFirst();
  return row !== undefined;
}

/**
 * Ids of the uploads in that state; by default of the open ones, whose staged bytes are to be kept.
 */
export async function listUploadIds(
  catalog: Catalog,
  state: UploadRecord["state"] = "open",
): Promise<string[]> {
  const rows = await sqlOf(catalog)
    .selectFrom("uploads")
    .select("id")
    .where("state", "=", state)
    .orderBy("id")
    .execute();
  return rows.map((row) => row.id);
}

/** Forgets up to `limit` uploads that ended and would have expired before `expiredBeforeMs`. */
export async function deleteEndedUploads(
  catalog: Catalog,
  { expiredBeforeMs, limit }: { readonly expiredBeforeMs: number; readonly limit: number },
): Promise<number> {
  const result = await sqlOf(catalog)
    .deleteFrom("uploads")
    .where("id", "in", (eb) =>
      eb
        .selectFrom("uploads")
        .select("id")
        .where("state", "in", ["completed", "aborted"])
        .where("expires_at", "<", expiredBeforeMs)
        .limit(limit),
    )
    .executeTakeFirst();
  return Number(result.numDeletedRows);
}

function toUploadRecord(row: Selectable<UploadsTable>): UploadRecord {
  return {
    id: row.id,
    imageId: row.image_id,
    userId: row.user_id,
    kind: row.kind,
    sizeBytes: row.size,
    md5: row.md5,
    partSizeBytes: row.part_size,
    totalParts: row.total_parts,
    state: row.state,
    createdAtMs: row.created_at,
    expiresAtMs: row.expires_at,
  };
}
