import type { UserPrincipal } from "../../access/principal.js";
import type { ImageRecord } from "../../catalog/records.js";
import { holdLease } from "../../coordination/leases.js";
import { Fault } from "../../faults/fault.js";
import type { Library } from "../library.js";
import { endUpload } from "./abort-upload.js";
import { completeSingleUploadOf } from "./complete-upload.js";
import { discardStaging } from "./discard-staging.js";
import type { IncomingBody } from "../../blobs/incoming-body.js";
import { openSingleUpload } from "./open-upload.js";
import { receiveUpload } from "./receive-upload.js";

/**
 * Takes an image in one request, as clients of the first protocol version send it: opens an upload, receives it and completes it.
 *
 * The caller has checked that the principal may push to the image's container.
 *
 * @returns The image, uploaded.
 * @throws Fault `length-required`, and what {@link openSingleUpload}, {@link receiveUpload} and
 *   {@link completeSingleUploadOf} throw.
 */
export async function receiveV1Upload(
  library: Library,
  principal: UserPrincipal,
  image: ImageRecord,
  body: IncomingBody,
): Promise<ImageRecord> {
  const sizeBytes = body.announcedBytes;
  if (sizeBytes === null) {
    throw new Fault(
      "length-required",
      "the request does not say how long the image is; send a Content-Length",
    );
  }
  const upload = await openSingleUpload(library, principal, image, { sizeBytes });
  try {
    await receiveUpload(library, principal, { uploadId: upload.id, body });
    return await completeSingleUploadOf(library, principal, upload);
  } catch (error) {
    // Nobody else knows of this upload, so nobody else would end it.
    await endQuietly(library, upload.id);
    throw error;
  }
}

/** Never throws: why the upload failed matters more, and upkeep ends it when its time is up. */
async function endQuietly(library: Library, uploadId: string): Promise<void> {
  try {
    await holdLease(library, `upload:${uploadId}`, (lease) => endUpload(library, uploadId, lease));
  } catch {
    // The bytes go in any case: on a full disk they may be what is in the way.
    await discardStaging(library, uploadId);
  }
}
