import type { Catalog } from "./catalog.js";
import type { UploadPartRecord } from "./records.js";
import { sqlOf } from "./sql.js";

/** A part that has arrived whole. */
export interface PartToNote extends UploadPartRecord {
  readonly uploadId: string;
  readonly nowMs: number;
}

/** A part whose bytes are about to change. */
export interface PartToForget {
  readonly uploadId: string;
  readonly partNumber: number;
  readonly nowMs: number;
}

/**
 * Notes a part of an upload as received, replacing an earlier note. Returns false, with nothing
 * changed, if the upload is not open at `nowMs`: the same statement checks that. Call it in a
 * transaction that locks the upload.
 */
export async function noteUploadPart(catalog: Catalog, part: PartToNote): Promise<boolean> {
  const change = { size: part.sizeBytes, etag: part.etag, received_at: part.nowMs };
  const result = await sqlOf(catalog)
    .insertInto("upload_parts")
    .columns(["upload_id", "part_number", "size", "etag", "received_at"])
    .expression((eb) =>
      eb
        .selectFrom("uploads")
        .select([
          "id",
          eb.val(part.partNumber).as("part_number"),
          eb.val(part.sizeBytes).as("size"),
          eb.val(part.etag).as("etag"),
          eb.val(part.nowMs).as("received_at"),
        ])
        .where("id", "=", part.uploadId)
        .where("state", "=", "open")
        .where("expires_at", ">", part.nowMs),
    )
    .onConflict((conflict) => conflict.columns(["upload_id", "part_number"]).doUpdateSet(change))
    .executeTakeFirst();
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/**
 * Notes a part of an upload as missing. Returns false, with nothing changed, if it is missing
 * already or the upload is not open at `nowMs`.
 */
export async function forgetUploadPart(catalog: Catalog, part: PartToForget): Promise<boolean> {
  const result = await sqlOf(catalog)
    .deleteFrom("upload_parts")
    .where("upload_id", "=", part.uploadId)
    .where("part_number", "=", part.partNumber)
    .where("upload_id", "in", (eb) =>
      eb
        .selectFrom("uploads")
        .select("id")
        .where("id", "=", part.uploadId)
        .where("state", "=", "open")
        .where("expires_at", ">", part.nowMs),
    )
    .executeTakeFirst();
  return result.numDeletedRows > 0n;
}
