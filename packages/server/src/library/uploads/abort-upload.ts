import type { UserPrincipal } from "../../access/principal.js";
import { setUploadState } from "../../catalog/uploads.js";
import { Fault } from "../../faults/fault.js";
import type { Library } from "../library.js";
import { discardStaging } from "./discard-staging.js";
import { requireUpload } from "./find-upload.js";

/**
 * Gives up an upload in parts; its bytes go. Aborting again, or after it has expired, changes nothing.
 *
 * @throws Fault `conflict` when it is completed: the image stays; `upload-closed` when there is no such upload of the
 *   principal for the image.
 */
export async function abortMultipartUpload(
  library: Library,
  principal: UserPrincipal,
  { imageId, uploadId }: { readonly imageId: string; readonly uploadId: string },
): Promise<void> {
  await library.locks.hold(`upload:${uploadId}`, async () => {
    const query = { uploadId, imageId, kind: "multipart" } as const;
    const { upload } = await requireUpload(library, principal, query);
    if (upload.state === "completed") {
      throw new Fault(
        "conflict",
        "the upload cannot be aborted, it is complete; delete the image if you do not want it",
      );
    }
    if (upload.state === "open") await endUpload(library, uploadId);
  });
}

/** Ends an open upload without an image. The caller holds its lock. */
export async function endUpload(library: Library, uploadId: string): Promise<void> {
  await setUploadState(library.catalog, uploadId, "aborted");
  await discardStaging(library, uploadId);
}
