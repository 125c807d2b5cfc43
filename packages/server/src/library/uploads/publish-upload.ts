import type { Digest } from "@sifshelf/protocol";

import type { UserPrincipal } from "../../access/principal.js";
import type { CompletedUpload } from "../../blobs/upload-target.js";
import { insertBlobIfAbsent } from "../../catalog/blobs.js";
import { inTransaction } from "../../catalog/catalog.js";
import { markImageUploaded } from "../../catalog/images.js";
import { isInspected } from "../../catalog/inspections.js";
import type { InspectedImage, UploadRecord } from "../../catalog/records.js";
import { setUploadState } from "../../catalog/uploads.js";
import { holdLease, type Lease, requireLease } from "../../coordination/leases.js";
import { enqueueJob } from "../../jobs/enqueue-job.js";
import type { Library } from "../library.js";
import { deleteIfOrphan } from "./delete-if-orphan.js";
import { uploadClosed } from "./find-upload.js";

/** An upload whose bytes have been verified and inspected. */
export interface VerifiedUpload {
  readonly upload: UploadRecord;
  readonly digest: Digest;
  readonly bytes: CompletedUpload;
  readonly inspected: InspectedImage;
  /** Of the upload. */
  readonly lease: Lease;
}

/**
 * Makes an upload's bytes the image's, durably, and enqueues their inspection. The caller holds the
 * lease of the upload.
 *
 * Why a blob that an image refers to is never collected, and none is published half:
 *
 * 1. Publishing, collecting (collect-blobs.ts) and sweeping (sweep-orphans.ts) a blob all hold the
 *    lease of its digest from their first step to their last, so one is over when another begins.
 * 2. Publishing: first the file, whole and synced, gets its name; then one transaction notes the
 *    blob, marks the image and ends the upload.
 * 3. Collecting: first one transaction deletes the blob's row if no image refers to it; then the
 *    file is deleted.
 * 4. Publish, then collect: the image refers to the blob, the row is not deleted, the file stays.
 * 5. Collect, then publish: the file is gone, so publishing puts its own in place.
 * 6. Killed between the steps of 2: a whole file that no row knows. The same upload, completed
 *    again, goes on from there; another of the same bytes finds the file; if neither comes, it is
 *    swept (delete-if-orphan.ts) once the upload is not open any more.
 * 7. Killed between the steps of 3: the same, a whole file that no row knows.
 * 8. The image is deleted meanwhile: the upload's row goes with it, ending the upload fails, and
 *    the transaction leaves nothing. The file is deleted at once, still under the lease.
 * 9. A publisher that overslept its lease (it was suspended): its transaction fails, since it
 *    requires both leases. The file that it may put in place late is an orphan as in 6.
 * 10. A collector that overslept deletes no row, for the same reason. One that overslept between
 *     the steps of 3 could delete a file that was published meanwhile. That needs a second process
 *     on the same store, which a folder does not allow (coordination/leases.ts, 1 and 5).
 *
 * So at every moment a row of `blobs` means a whole file, and a reference from an image means a row
 * (a foreign key).
 *
 * @throws Fault `upload-closed` when the image has been deleted, `storage-full`, `internal`,
 *   `unavailable` when a lease was lost.
 */
export async function publishUpload(
  library: Library,
  principal: UserPrincipal,
  verified: VerifiedUpload,
): Promise<void> {
  const { digest, bytes } = verified;
  await holdLease(library, `digest:${digest}`, async (lease) => {
    await bytes.publish();
    try {
      await noteUploaded(library, principal, verified, lease);
    } catch (error) {
      await deleteUnclaimed(library, digest, lease);
      throw error;
    }
  });
}

/** Never throws: why publishing failed matters more, and the sweep comes by later. */
async function deleteUnclaimed(library: Library, digest: Digest, lease: Lease): Promise<void> {
  try {
    await deleteIfOrphan(library, digest, lease);
  } catch {
    // Left to the sweep.
  }
}

async function noteUploaded(
  library: Library,
  principal: UserPrincipal,
  { upload, digest, inspected, lease }: VerifiedUpload,
  digestLease: Lease,
): Promise<void> {
  const nowMs = library.now();
  const { sizeBytes } = upload;
  await inTransaction(
    library.catalog,
    { locks: { image: upload.imageId, upload: upload.id } },
    async (catalog) => {
      await requireLease(catalog, lease);
      await requireLease(catalog, digestLease);
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
      if (!(await isInspected(catalog, digest))) {
        await enqueueJob(catalog, { kind: "inspect", key: digest });
      }
    },
  );
}
