import type { Catalog } from "./catalog.js";
import type { UploadPartRecord } from "./records.js";
import { changeRows, prepare } from "./session/prepared.js";

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

type PartValues = { readonly [Name in keyof PartToNote]: PartToNote[Name] };

const NOTE = prepare((db, part: PartValues) => {
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
 * Notes a part of an upload as received, replacing an earlier note. Returns false, with nothing
 * changed, if the upload is not open at `nowMs`: the same statement checks that. Call it in a
 * transaction that locks the upload.
 */
export async function noteUploadPart(catalog: Catalog, part: PartToNote): Promise<boolean> {
  return (await changeRows(catalog, NOTE, { ...part })) > 0;
}

type ForgetValues = { readonly [Name in keyof PartToForget]: PartToForget[Name] };

const FORGET = prepare((db, part: ForgetValues) =>
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
 * Notes a part of an upload as missing. Returns false, with nothing changed, if it is missing already
 * or the upload is not open at `nowMs`.
 */
export async function forgetUploadPart(catalog: Catalog, part: PartToForget): Promise<boolean> {
  const { uploadId, partNumber, nowMs } = part;
  return (await changeRows(catalog, FORGET, { uploadId, partNumber, nowMs })) > 0;
}
