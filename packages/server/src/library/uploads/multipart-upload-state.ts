import type { UserPrincipal } from "../../access/principal.js";
import type { UploadPartRecord, UploadRecord } from "../../catalog/records.js";
import { listUploadParts, listUploadsOfUser } from "../../catalog/uploads.js";
import type { Library } from "../library.js";
import { isOpen, requireOpenUpload, uploadClosed } from "./find-upload.js";

/** An open upload in parts, and the parts that have arrived, by number. */
export interface MultipartUploadProgress {
  readonly upload: UploadRecord;
  readonly parts: readonly UploadPartRecord[];
}

/**
 * How far the principal's upload in parts of an image has come: the one of that id, else the newest that is open. Every part that
 * is listed is whole and on disk, so it need not be sent again.
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
  return { upload, parts: await listUploadParts(library.catalog, upload.id) };
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
