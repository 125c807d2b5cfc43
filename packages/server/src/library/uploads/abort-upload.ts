import type { UserPrincipal } from "../../access/principal.js";
import { inTransaction } from "../../catalog/catalog.js";
import { setUploadState } from "../../catalog/uploads.js";
import { holdLease, type Lease, requireLease } from "../../coordination/leases.js";
import { Fault } from "../../faults/fault.js";
import type { Library } from "../library.js";
import { discardStaging } from "./discard-staging.js";
import { requireUpload } from "./find-upload.js";

/**
 * Ends an upload in parts and deletes its bytes. Aborting it again, or after it has expired,
 * changes nothing.
 *
 * @throws Fault `conflict` when it is complete: the image stays; `upload-closed` when the principal
 *   has no such upload of the image.
 */
export async function abortMultipartUpload(
  library: Library,
  principal: UserPrincipal,
  { imageId, uploadId }: { readonly imageId: string; readonly uploadId: string },
): Promise<void> {
  await holdLease(library, `upload:${uploadId}`, async (lease) => {
    const query = { uploadId, imageId, kind: "multipart" } as const;
    const { upload } = await requireUpload(library, principal, query);
    if (upload.state === "completed") {
      throw new Fault(
        "conflict",
        "the upload cannot be aborted, it is complete; delete the image if you do not want it",
      );
    }
    if (upload.state === "open") await endUpload(library, uploadId, lease);
  });
}

/** Ends an open upload without an image. The caller holds its lease. */
export async function endUpload(library: Library, uploadId: string, lease: Lease): Promise<void> {
  await inTransaction(library.catalog, { locks: { upload: uploadId } }, async (transaction) => {
    await requireLease(transaction, lease);
    await setUploadState(transaction, uploadId, "aborted");
  });
  await discardStaging(library, uploadId);
}
