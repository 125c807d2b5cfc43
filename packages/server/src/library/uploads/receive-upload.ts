import type { Digest } from "@sifshelf/protocol";
import { digestOfImageHash, sha256HexOfDigest } from "@sifshelf/protocol";

import type { UserPrincipal } from "../../access/principal.js";
import type { Sums } from "../../blobs/blob-store.js";
import type { ImageRecord, UploadRecord } from "../../catalog/records.js";
import { holdLease } from "../../coordination/leases.js";
import { sumOf } from "../../blobs/sum-of.js";
import { Fault } from "../../faults/fault.js";
import type { Library } from "../library.js";
import { isOpen, requireOpenUpload, requireUpload, uploadClosed } from "./find-upload.js";
import type { IncomingBody } from "../../blobs/incoming-body.js";
import { keepOpen } from "./keep-open.js";
import { notePart } from "./note-part.js";

/** Tells that bytes have arrived whole and are on disk. */
export interface UploadReceipt {
  /** A strong ETag, quotes included: the SHA-256 of what arrived, or `crc32-` and the CRC-32 of a part where that was enough. */
  readonly etag: string;
}

/**
 * Receives the bytes of an upload in one piece, verifies them against the image's hash, and keeps them until the upload is
 * completed. It may be done again, also at once: each attempt has a file of its own, and one that fails leaves everything as it was.
 *
 * @throws Fault `upload-closed`, `digest-mismatch` for SHA-256 or MD5, `storage-full`, and what {@link IncomingBody} throws.
 */
export async function receiveUpload(
  library: Library,
  principal: UserPrincipal,
  { uploadId, body }: { readonly uploadId: string; readonly body: IncomingBody },
): Promise<UploadReceipt> {
  const query = { uploadId, kind: "single" } as const;
  const { upload, image } = await requireOpenUpload(library, principal, query);
  const attempt = await library.blobs.openAttempt(upload.id, [
    "sha256",
    ...(upload.md5 === null ? [] : (["md5"] as const)),
  ]);
  try {
    const received = await body.receiveInto(attempt, {
      sizeBytes: upload.sizeBytes,
      onProgress: keepOpen(library, upload),
    });
    checkHashes(received, upload, image);
    const etag = sumOf(received, "sha256");
    await holdLease(library, `upload:${upload.id}`, async () => {
      const { upload: now } = await requireUpload(library, principal, query);
      if (!isOpen(library, now)) throw uploadClosed();
      await attempt.keepAsWhole();
      const { sizeBytes } = now;
      await notePart(library, now, { partNumber: 1, sizeBytes, etag });
    });
    return { etag: `"${etag}"` };
  } finally {
    await attempt.discard();
  }
}

function checkHashes(received: Sums, upload: UploadRecord, image: ImageRecord): void {
  if (received.sha256 !== sha256HexOfDigest(digestOfImage(image))) {
    throw new Fault(
      "digest-mismatch",
      `the bytes that arrived are not those of the image ${image.hash}; push the file again`,
    );
  }
  if (upload.md5 === null || upload.md5 === received.md5) return;
  throw new Fault(
    "digest-mismatch",
    "the bytes that arrived do not have the announced MD5; push the file again",
  );
}

/** The digest that an image's bytes must have. Only images whose hash says it are ever created. */
export function digestOfImage(image: ImageRecord): Digest {
  const digest = digestOfImageHash(image.hash);
  if (digest !== undefined) return digest;
  throw new Fault("conflict", `nothing can be uploaded to ${image.hash}: it is no SHA-256`);
}
