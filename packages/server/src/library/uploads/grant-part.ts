import { digestOfImageHash, sha256HexOfDigest } from "@sifshelf/protocol";

import type { UserPrincipal } from "../../access/principal.js";
import { requirePartPlace } from "../../blobs/part-place.js";
import type { TransferGrant } from "../../blobs/transfer-grant.js";
import type { ImageRecord, UploadRecord } from "../../catalog/records.js";
import { findUploadOfImage } from "../../catalog/upload-of-image.js";
import { Fault } from "../../faults/fault.js";
import type { Library } from "../library.js";
import { isOpen, requireMatch, uploadClosed } from "./find-upload.js";
import { requireImageToPush, requirePushable } from "./image-to-push.js";

/** What a client says about the part that it is about to send. */
export interface PartRequest {
  readonly imageId: string;
  readonly uploadId: string;
  /** Counted from 1. */
  readonly partNumber: number;
  readonly sizeBytes: number;
  /** SHA-256 of the part in hex; empty if the client does not announce it. */
  readonly sha256: string;
  /** Base URL by which the client reaches the library, with a slash at its end. */
  readonly baseUrl: string;
}

const SHA256 = /^[0-9a-f]{64}$/;

/**
 * Grants the client to send a part, which may have been sent before.
 *
 * @throws Fault `upload-closed`; `forbidden` when the image's container belongs to another user;
 *   `bad-request` for an invalid number or SHA-256; `size-mismatch` when the part has another size
 *   than agreed.
 */
export async function grantPart(
  library: Library,
  principal: UserPrincipal,
  { imageId, uploadId, partNumber, sizeBytes, sha256, baseUrl }: PartRequest,
): Promise<TransferGrant> {
  const upload = await requirePushableUpload(library, principal, { imageId, uploadId });
  const place = requirePartPlace(upload, partNumber);
  if (place.sizeBytes !== sizeBytes) {
    throw new Fault(
      "size-mismatch",
      `part ${partNumber} has ${place.sizeBytes} bytes, not ${sizeBytes}; divide the file as the library said`,
    );
  }
  return library.blobs.uploads.grantPart(upload, {
    partNumber,
    sha256: readSha256(sha256),
    receiver: { tokenId: principal.tokenId, baseUrl },
  });
}

/** Grants the client to send the whole file of an upload in one request. */
export async function grantWhole(
  { blobs }: Library,
  { tokenId }: UserPrincipal,
  { image, upload }: { readonly image: ImageRecord; readonly upload: UploadRecord },
  baseUrl: string,
): Promise<TransferGrant> {
  const digest = digestOfImageHash(image.hash);
  const sha256 = digest === undefined ? null : sha256HexOfDigest(digest);
  return blobs.uploads.grantPart(upload, { partNumber: 1, sha256, receiver: { tokenId, baseUrl } });
}

/** One query in the usual case: upload, image, and the rights to it. */
async function requirePushableUpload(
  library: Library,
  principal: UserPrincipal,
  { imageId, uploadId }: { readonly imageId: string; readonly uploadId: string },
): Promise<UploadRecord> {
  const found = await findUploadOfImage(library.catalog, uploadId);
  if (found?.image.id !== imageId) {
    // Rights come first, also for an upload that does not exist.
    await requireImageToPush(library, principal, imageId, uploadClosed());
    throw uploadClosed();
  }
  requirePushable(principal, found.image, uploadClosed());
  const { upload } = requireMatch(found, principal, { uploadId, kind: "multipart" });
  if (isOpen(library, upload)) return upload;
  throw uploadClosed();
}

function readSha256(announced: string): string | null {
  const sha256 = announced.toLowerCase();
  if (sha256 === "") return null;
  if (SHA256.test(sha256)) return sha256;
  throw new Fault(
    "bad-request",
    "the announced SHA-256 of the part is not valid; it has 64 hex digits, or is left out",
  );
}
