import type { UserPrincipal } from "../../access/principal.js";
import type { StoredPart } from "../../blobs/part-ledger.js";
import type { UploadRecord } from "../../catalog/records.js";
import { listUploadsOfUser } from "../../catalog/uploads.js";
import type { Library } from "../library.js";
import { isOpen, requireOpenUpload, uploadClosed } from "./find-upload.js";

/** An open upload in parts. */
export interface MultipartUploadProgress {
  readonly upload: UploadRecord;
  /** The parts that have arrived, by number. */
  readonly parts: readonly StoredPart[];
}

/**
 * Returns the progress of the principal's upload in parts of an image: the one of that id, or the
 * newest that is open. Every part listed is whole and on disk, and need not be sent again.
 *
 * @throws Fault `upload-closed` when the principal has no such open upload.
 */
export async function findOpenMultipartUpload(
  library: Library,
  principal: UserPrincipal,
  { imageId, uploadId }: { readonly imageId: string; readonly uploadId: string | undefined },
): Promise<MultipartUploadProgress> {
  const upload =
    uploadId === undefined
      ? await newestOpen(library, principal, imageId)
      : await openOfId(library, principal, { imageId, uploadId });
  return { upload, parts: await library.blobs.uploads.listParts(upload) };
}

async function openOfId(
  library: Library,
  principal: UserPrincipal,
  names: { readonly imageId: string; readonly uploadId: string },
): Promise<UploadRecord> {
  const { upload } = await requireOpenUpload(library, principal, { ...names, kind: "multipart" });
  return upload;
}

async function newestOpen(
  library: Library,
  { userId }: UserPrincipal,
  imageId: string,
): Promise<UploadRecord> {
  const uploads = await listUploadsOfUser(library.catalog, imageId, userId);
  const upload = uploads.find((each) => each.kind === "multipart" && isOpen(library, each));
  if (upload === undefined) throw uploadClosed();
  return upload;
}
