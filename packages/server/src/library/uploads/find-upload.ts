import type { UserPrincipal } from "../../access/principal.js";
import { findImageById } from "../../catalog/images.js";
import type { ImageRecord, UploadRecord } from "../../catalog/records.js";
import { findUpload } from "../../catalog/uploads.js";
import { Fault } from "../../faults/fault.js";
import type { Library } from "../library.js";

/** An upload, and the image that it is for. */
export interface UploadOfImage {
  readonly upload: UploadRecord;
  readonly image: ImageRecord;
}

/** Which upload is meant: the one of that id and kind, of that image if it is told. */
export interface UploadQuery {
  readonly uploadId: string;
  readonly kind: UploadRecord["kind"];
  readonly imageId?: string;
}

/**
 * The principal's upload, in any state.
 *
 * @throws Fault `upload-closed` if there is none. An upload of someone else, of another image or kind is answered exactly
 *   like one that never was. Not `not-found`: Go clients take a 404 after the start of a multipart upload for "multipart is not
 *   supported" and begin another kind of upload with a file half read.
 */
export async function requireUpload(
  library: Library,
  principal: UserPrincipal,
  query: UploadQuery,
): Promise<UploadOfImage> {
  const upload = await findUpload(library.catalog, query.uploadId);
  const image = upload && (await findImageById(library.catalog, upload.imageId));
  if (upload === undefined || image === undefined || upload.userId !== principal.userId) {
    throw uploadClosed();
  }
  if (upload.kind !== query.kind) throw uploadClosed();
  if (query.imageId !== undefined && query.imageId !== image.id) throw uploadClosed();
  return { upload, image };
}

/** Like {@link requireUpload}, and open. */
export async function requireOpenUpload(
  library: Library,
  principal: UserPrincipal,
  query: UploadQuery,
): Promise<UploadOfImage> {
  const found = await requireUpload(library, principal, query);
  if (isOpen(library, found.upload)) return found;
  throw uploadClosed();
}

/** Whether an upload may go on: nobody has ended it, and its time is not up. */
export function isOpen(library: Library, upload: UploadRecord): boolean {
  return upload.state === "open" && upload.expiresAtMs > library.now();
}

/** Why nothing can be done with an upload. */
export function uploadClosed(): Fault {
  return new Fault(
    "upload-closed",
    "there is no such open upload: it is finished, aborted or expired, or is not yours; start a new upload",
  );
}
