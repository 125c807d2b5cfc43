import type { UserPrincipal } from "../../access/principal.js";
import type { UploadRecord } from "../../catalog/records.js";
import { type UploadOfImage, findUploadOfImage } from "../../catalog/upload-of-image.js";
import { Fault } from "../../faults/fault.js";
import type { Library } from "../library.js";

/** Identifies an upload: by id and kind, and by its image if that is given. */
export interface UploadQuery {
  readonly uploadId: string;
  readonly kind: UploadRecord["kind"];
  readonly imageId?: string;
}

/**
 * Returns the principal's upload, in any state, with its image.
 *
 * @throws Fault `upload-closed` if there is none. An upload of another user, image or kind looks
 *   exactly like one that never existed. Not `not-found`: Go clients take a 404 after the start of
 *   a multipart upload for "multipart is not supported", and begin another kind of upload with a
 *   file half read.
 */
export async function requireUpload(
  library: Library,
  principal: UserPrincipal,
  query: UploadQuery,
): Promise<UploadOfImage> {
  return requireMatch(await findUploadOfImage(library.catalog, query.uploadId), principal, query);
}

/** Returns an upload that was looked up if it is the principal's and the one of the query. */
export function requireMatch(
  found: UploadOfImage | undefined,
  principal: UserPrincipal,
  { kind, imageId }: UploadQuery,
): UploadOfImage {
  if (found?.upload.userId !== principal.userId) throw uploadClosed();
  if (found.upload.kind !== kind) throw uploadClosed();
  if (imageId !== undefined && imageId !== found.image.id) throw uploadClosed();
  return found;
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

/** Whether an upload may go on: it has not ended and its time is not up. */
export function isOpen(library: Library, upload: UploadRecord): boolean {
  return upload.state === "open" && upload.expiresAtMs > library.now();
}

/** The fault for an upload with which nothing can be done any more. */
export function uploadClosed(): Fault {
  return new Fault(
    "upload-closed",
    "there is no such open upload: it is finished, aborted or expired, or is not yours; start a new upload",
  );
}
