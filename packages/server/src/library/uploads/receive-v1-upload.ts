import type { UserPrincipal } from "../../access/principal.js";
import type { ImageRecord } from "../../catalog/records.js";
import { Fault } from "../../faults/fault.js";
import type { Library } from "../library.js";
import { endUpload } from "./abort-upload.js";
import { completeSingleUploadOf } from "./complete-upload.js";
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
    await library.locks.hold(`upload:${upload.id}`, () => endUpload(library, upload.id));
    throw error;
  }
}
