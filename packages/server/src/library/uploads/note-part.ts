import { inTransaction } from "../../catalog/catalog.js";
import type { UploadPartRecord, UploadRecord } from "../../catalog/records.js";
import { findUpload, putUploadPart } from "../../catalog/uploads.js";
import type { Library } from "../library.js";
import { isOpen, uploadClosed } from "./find-upload.js";

/**
 * Notes that a part has arrived, whole and on disk. The caller holds the upload's lock. The note survives a kill of the
 * server; after a failure of power it may be missing, never wrong, and the part is sent again.
 *
 * @throws Fault `upload-closed` when the upload is not open any more; with its image it may be gone altogether.
 */
export async function notePart(
  library: Library,
  { id: uploadId }: UploadRecord,
  part: UploadPartRecord,
): Promise<void> {
  const options = { locks: { upload: uploadId }, durability: "lazy" } as const;
  await inTransaction(library.catalog, options, async (catalog) => {
    const upload = await findUpload(catalog, uploadId);
    if (upload === undefined || !isOpen(library, upload)) throw uploadClosed();
    await putUploadPart(catalog, { ...part, uploadId, nowMs: library.now() });
  });
}
