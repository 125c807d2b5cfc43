import type { InferResult } from "kysely";

import type { Catalog } from "./catalog.js";
import { selectImages, toImageRecord } from "./images.js";
import { firstRow, prepare } from "./session/prepared.js";
import type { ImageRecord, UploadRecord } from "./records.js";
import type { Db } from "./sql.js";

/** An upload and the image that it is for. */
export interface UploadOfImage {
  readonly upload: UploadRecord;
  readonly image: ImageRecord;
}

/** Columns of an upload, named so that an image's fit beside them. */
const UPLOAD_COLUMNS = [
  "uploads.id as upload_id",
  "uploads.image_id as upload_image_id",
  "uploads.user_id as upload_user_id",
  "uploads.kind as upload_kind",
  "uploads.size as upload_size",
  "uploads.md5 as upload_md5",
  "uploads.part_size as upload_part_size",
  "uploads.total_parts as upload_total_parts",
  "uploads.state as upload_state",
  "uploads.created_at as upload_created_at",
  "uploads.expires_at as upload_expires_at",
] as const;

function selectUploadsOfImages(db: Db) {
  return selectImages(db)
    .innerJoin("uploads", "uploads.image_id", "images.id")
    .select(UPLOAD_COLUMNS);
}

const BY_ID = prepare((db, { id }: { id: string }) =>
  selectUploadsOfImages(db).where("uploads.id", "=", id),
);

/** Returns the upload with that id, in any state, with its image, in one query. */
export async function findUploadOfImage(
  catalog: Catalog,
  id: string,
): Promise<UploadOfImage | undefined> {
  const row = await firstRow(catalog, BY_ID, { id });
  return row && { upload: toUploadRecord(row), image: toImageRecord(row) };
}

function toUploadRecord(
  row: InferResult<ReturnType<typeof selectUploadsOfImages>>[number],
): UploadRecord {
  return {
    id: row.upload_id,
    imageId: row.upload_image_id,
    userId: row.upload_user_id,
    kind: row.upload_kind,
    sizeBytes: row.upload_size,
    md5: row.upload_md5,
    partSizeBytes: row.upload_part_size,
    totalParts: row.upload_total_parts,
    state: row.upload_state,
    createdAtMs: row.upload_created_at,
    expiresAtMs: row.upload_expires_at,
  };
}
