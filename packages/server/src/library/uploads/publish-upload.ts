import type { Digest } from "@sifshelf/protocol";

import type { UserPrincipal } from "../../access/principal.js";
import type { CompletedUpload } from "../../blobs/upload-target.js";
import { insertBlobIfAbsent } from "../../catalog/blobs.js";
import { inTransaction } from "../../catalog/catalog.js";
import { markImageUploaded } from "../../catalog/images.js";
import type { InspectedImage, UploadRecord } from "../../catalog/records.js";
import { setUploadState } from "../../catalog/uploads.js";
import type { Library } from "../library.js";
import { uploadClosed } from "./find-upload.js";

/** An upload whose bytes have been verified and inspected. */
export interface VerifiedUpload {
  readonly upload: UploadRecord;
  readonly digest: Digest;
  readonly bytes: CompletedUpload;
  readonly inspected: InspectedImage;
}

/**
 * Makes an upload's bytes the image's, for good when it answers. The caller holds the lock of the upload.
 *
 * Why a blob that an image refers to is never collected, nor one published that is half there, whoever runs meanwhile:
 *
 * 1. Publishing and collecting a blob (collect-garbage.ts) both hold the lock of its digest from their first step to their last, so
 *    one is over when the other begins.
 * 2. Publishing: first the file, whole and synced, gets its name; then one transaction notes the blob, marks the image and ends
 *    the upload.
 * 3. Collecting: first one transaction deletes the blob's row if no image refers to it; then the file is deleted.
 * 4. Publish, then collect: the image refers to the blob, the row is not deleted, the file stays.
 * 5. Collect, then publish: the file is gone, so publishing puts its own in place.
 * 6. Killed between the steps of 2: a file that no row knows, whole. The same upload, completed again, goes on from there;
 *    another of the same bytes finds the file; if nobody comes, it is swept as an orphan, under the lock of the digest and only if
 *    there is still no row.
 * 7. Killed between the steps of 3: the same, a whole file that no row knows.
 * 8. The image is deleted meanwhile: the upload's row goes with it, ending the upload fails, and the transaction leaves nothing;
 *    the file is an orphan as in 6.
 *
 * So at every moment a row of `blobs` means a whole file, and a reference from an image means a row (a foreign key).
 *
 * @throws Fault `upload-closed` when the image has been deleted, `storage-full`, `internal`.
 */
export async function publishUpload(
  library: Library,
  principal: UserPrincipal,
  verified: VerifiedUpload,
): Promise<void> {
  const { digest, bytes } = verified;
  await library.locks.hold(`digest:${digest}`, async () => {
    await bytes.publish();
    await noteUploaded(library, principal, verified);
  });
}

async function noteUploaded(
  library: Library,
  principal: UserPrincipal,
  { upload, digest, inspected }: VerifiedUpload,
): Promise<void> {
  const nowMs = library.now();
  const { sizeBytes } = upload;
  await inTransaction(
    library.catalog,
    { locks: { image: upload.imageId, upload: upload.id } },
    async (catalog) => {
      await insertBlobIfAbsent(catalog, { digest, sizeBytes, createdAtMs: nowMs });
      const updatedBy = principal.userName;
      // Changes nothing if somebody else's upload of the same bytes was first.
      await markImageUploaded(catalog, upload.imageId, {
        sizeBytes,
        blobDigest: digest,
        inspected,
        updatedBy,
        nowMs,
      });
      if (!(await setUploadState(catalog, upload.id, "completed"))) throw uploadClosed();
    },
  );
}
