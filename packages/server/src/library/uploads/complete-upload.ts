import { type CompletedPart, type Digest, sha256HexOfDigest } from "@sifshelf/protocol";

import type { UserPrincipal } from "../../access/principal.js";
import type { CompletedUpload } from "../../blobs/upload-target.js";
import { findImageById } from "../../catalog/images.js";
import type { ImageRecord, UploadRecord } from "../../catalog/records.js";
import { listUploadsOfUser } from "../../catalog/uploads.js";
import { holdLease } from "../../coordination/leases.js";
import { type InspectedSif, inspectSif, NOTHING_KNOWN } from "../../inspection/inspect-sif.js";
import { Fault } from "../../faults/fault.js";
import type { Library } from "../library.js";
import { checkParts } from "./check-parts.js";
import { discardStaging } from "./discard-staging.js";
import { isOpen, requireUpload, uploadClosed } from "./find-upload.js";
import { publishUpload } from "./publish-upload.js";
import { digestOfImage } from "./receive-upload.js";

/**
 * Completes the principal's upload of an image in one request: the newest whose bytes have arrived.
 * Completing it again returns the same. A failure changes nothing.
 *
 * @returns The image, uploaded.
 * @throws Fault `conflict` when no bytes have arrived, `not-a-sif`, `upload-closed`,
 *   `storage-full`, `unavailable`.
 */
export async function completeSingleUpload(
  library: Library,
  principal: UserPrincipal,
  image: ImageRecord,
): Promise<ImageRecord> {
  const upload = await findCompletable(library, principal, image);
  if (upload === undefined) {
    throw new Fault(
      "conflict",
      `no bytes of the image ${image.hash} have arrived; send them before you complete the upload`,
    );
  }
  return completeSingleUploadOf(library, principal, upload);
}

/** Like {@link completeSingleUpload}, for one upload whose bytes have arrived. */
export async function completeSingleUploadOf(
  library: Library,
  principal: UserPrincipal,
  upload: UploadRecord,
): Promise<ImageRecord> {
  return complete(library, principal, { uploadId: upload.id, kind: "single" });
}

/** A client's request to complete an upload whose parts are sent. */
export interface MultipartCompletion {
  readonly imageId: string;
  readonly uploadId: string;
  /**
   * Every part once, in any order, each with the ETag of its receipt. An empty token is not
   * checked.
   */
  readonly completedParts: readonly CompletedPart[];
}

/**
 * Completes an upload in parts if all parts have arrived and the whole has the image's SHA-256.
 * Completing it again returns the same. A failure changes nothing: parts can be sent again.
 *
 * @returns The image, uploaded.
 * @throws Fault `upload-closed`, `conflict` when parts are missing or differ from those that the
 *   client lists, `bad-request` when the list is invalid, `digest-mismatch`, `not-a-sif`,
 *   `storage-full`, `unavailable`.
 */
export async function completeMultipartUpload(
  library: Library,
  principal: UserPrincipal,
  { imageId, uploadId, completedParts }: MultipartCompletion,
): Promise<ImageRecord> {
  return complete(library, principal, { uploadId, imageId, kind: "multipart" }, completedParts);
}

async function findCompletable(
  library: Library,
  principal: UserPrincipal,
  image: ImageRecord,
): Promise<UploadRecord | undefined> {
  const uploads = await listUploadsOfUser(library.catalog, image.id, principal.userId);
  const singles = uploads.filter(({ kind }) => kind === "single");
  for (const upload of singles) {
    if (!isOpen(library, upload)) continue;
    if ((await library.blobs.uploads.listParts(upload)).length > 0) return upload;
  }
  return singles.find(({ state }) => state === "completed");
}

/**
 * Holds the upload's lease from the check to the end, so that it is not aborted or completed
 * elsewhere meanwhile. That no part changes is up to the store.
 */
async function complete(
  library: Library,
  principal: UserPrincipal,
  query: Parameters<typeof requireUpload>[2],
  completedParts?: readonly CompletedPart[],
): Promise<ImageRecord> {
  return holdLease(library, `upload:${query.uploadId}`, async (lease) => {
    const { upload, image } = await requireUpload(library, principal, query);
    if (upload.state !== "completed") {
      if (!isOpen(library, upload)) throw uploadClosed();
      const digest = digestOfImage(image);
      const bytes = await library.blobs.uploads.complete(upload, {
        digest,
        accept: (parts) => {
          if (completedParts !== undefined) checkParts(upload, parts, completedParts);
        },
      });
      try {
        await verify(bytes, digest);
        const inspected = await inspect(library, upload, bytes);
        await publishUpload(library, principal, { upload, digest, bytes, inspected, lease });
      } finally {
        await bytes.close();
      }
      library.jobs.wake();
      await discardStaging(library, upload.id);
    }
    const uploaded = await findImageById(library.catalog, image.id);
    if (uploaded?.isUploaded === true) return uploaded;
    throw uploadClosed();
  });
}

/** Throws Fault `digest-mismatch` unless the bytes have the image's digest. */
async function verify(bytes: CompletedUpload, digest: Digest): Promise<void> {
  const sha256 = await bytes.sha256();
  if (sha256 === sha256HexOfDigest(digest)) return;
  throw new Fault(
    "digest-mismatch",
    `the parts make a file with the SHA-256 ${sha256}, the image's is ${sha256HexOfDigest(digest)}; push the file again`,
  );
}

/** Returns what the bytes say about themselves. Throws Fault `not-a-sif` or `size-mismatch`. */
async function inspect(
  library: Library,
  upload: UploadRecord,
  completed: CompletedUpload,
): Promise<InspectedSif> {
  if (completed.sizeBytes !== upload.sizeBytes) throw wrongSize(upload, completed.sizeBytes);
  const bytes = await completed.open();
  try {
    // One at a time, so that memory holds the descriptors of one file: there may be 65 536.
    return await library.throttle.hold("header", () => inspectSif(bytes));
  } catch (error) {
    const isOtherFile = error instanceof Fault && error.code === "not-a-sif";
    if (isOtherFile && !library.settings.requireSif) return NOTHING_KNOWN;
    throw error;
  } finally {
    await bytes.close();
  }
}

function wrongSize(upload: UploadRecord, sizeBytes: number): Fault {
  return new Fault(
    "size-mismatch",
    `the upload has ${sizeBytes} bytes, ${upload.sizeBytes} were announced; push the file again`,
  );
}
