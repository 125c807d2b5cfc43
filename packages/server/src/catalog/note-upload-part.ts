import type { Catalog } from "./catalog.js";
import { changeRows, prepare } from "./session/prepared.js";
import type { UploadPartRecord } from "./records.js";

/** A part that was received whole, to be recorded. */
export interface PartToNote extends UploadPartRecord {
  readonly uploadId: string;
  readonly nowMs: number;
}

type PartValues = { readonly [Name in keyof PartToNote]: PartToNote[Name] };

const NOTE_PART = prepare((db, part: PartValues) => {
  const change = { size: part.sizeBytes, etag: part.etag, received_at: part.nowMs };
  return db
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
    .onConflict((conflict) => conflict.columns(["upload_id", "part_number"]).doUpdateSet(change));
});

/**
 * Records a part as received, replacing an earlier record. Returns false, with nothing changed, if
 * the upload is not open at `nowMs`: the same statement checks that. Call it in a transaction that
 * locks the upload.
 */
export async function noteUploadPart(catalog: Catalog, part: PartToNote): Promise<boolean> {
  return (await changeRows(catalog, NOTE_PART, { ...part })) > 0;
}

/** A part whose bytes are about to change. */
export interface PartToForget {
  readonly uploadId: string;
  readonly partNumber: number;
  readonly nowMs: number;
}

type PartKey = { readonly [Name in keyof PartToForget]: PartToForget[Name] };

const FORGET_PART = prepare((db, part: PartKey) =>
  db
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
    ),
);

/**
 * Records a part as missing. Returns false, with nothing changed, if it is missing already or the
 * upload is not open at `nowMs`. Call it in a transaction that locks the upload.
 */
export async function forgetUploadPart(catalog: Catalog, part: PartToForget): Promise<boolean> {
  return (await changeRows(catalog, FORGET_PART, { ...part })) > 0;
}
