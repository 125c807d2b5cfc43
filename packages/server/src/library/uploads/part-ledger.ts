import type { PartLedger } from "../../blobs/part-ledger.js";
import { type Catalog, inTransaction } from "../../catalog/catalog.js";
import { forgetUploadPart, noteUploadPart } from "../../catalog/note-upload-part.js";
import { findUploadPart, listUploadParts } from "../../catalog/uploads.js";
import { uploadClosed } from "./find-upload.js";

/** What a ledger needs of the library. */
export interface PartLedgerDeps {
  readonly catalog: Catalog;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * Keeps the ledger of parts in the catalog, for stores that cannot list their parts.
 *
 * Each change is one statement that also checks that the upload is open, in a transaction that
 * locks the upload: a part is never noted into an upload that was aborted meanwhile.
 */
export function createPartLedger({ catalog, now }: PartLedgerDeps): PartLedger {
  const inUpload = <T>(upload: string, work: (transaction: Catalog) => Promise<T>) =>
    inTransaction(catalog, { locks: { upload }, durability: "lazy" }, work);
  return {
    find: (uploadId, partNumber) => findUploadPart(catalog, uploadId, partNumber),
    list: (uploadId) => listUploadParts(catalog, uploadId),
    put: (uploadId, part) =>
      inUpload(uploadId, async (transaction) => {
        const isNoted = await noteUploadPart(transaction, { ...part, uploadId, nowMs: now() });
        if (!isNoted) throw uploadClosed();
      }),
    remove: (uploadId, partNumber) =>
      inUpload(uploadId, async (transaction) => {
        const name = { uploadId, partNumber, nowMs: now() };
        if (!(await forgetUploadPart(transaction, name))) throw uploadClosed();
      }),
  };
}
