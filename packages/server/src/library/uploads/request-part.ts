import type { UserPrincipal } from "../../access/principal.js";
import type { UploadRecord } from "../../catalog/records.js";
import { Fault } from "../../faults/fault.js";
import type { Library } from "../library.js";
import { requireOpenUpload } from "./find-upload.js";
import { partPlace } from "./part-layout.js";

/** What a client says of the part that it is about to send. */
export interface PartRequest {
  readonly imageId: string;
  readonly uploadId: string;
  /** From 1 on. */
  readonly partNumber: number;
  readonly sizeBytes: number;
  /** SHA-256 of the part, hex; empty if the client does not say. */
  readonly sha256: string;
}

/** A part that may be sent, to be put into a signed URL. */
export interface GrantedPart {
  readonly upload: UploadRecord;
  readonly partNumber: number;
  readonly sizeBytes: number;
  /** Lower-case hex; null if the client did not say. */
  readonly sha256: string | null;
}

const SHA256 = /^[0-9a-f]{64}$/;

/**
 * Checks that a part may be sent. It may have been sent before.
 *
 * @throws Fault `upload-closed`, `bad-request` for a number or SHA-256 that is none, `size-mismatch` when the part has
 *   another size than was agreed.
 */
export async function requestPart(
  library: Library,
  principal: UserPrincipal,
  request: PartRequest,
): Promise<GrantedPart> {
  const { uploadId, imageId, partNumber, sizeBytes } = request;
  const query = { uploadId, imageId, kind: "multipart" } as const;
  const { upload } = await requireOpenUpload(library, principal, query);
  const place = partPlace(upload, partNumber);
  if (place === undefined) throw noSuchPart(upload, partNumber);
  if (place.sizeBytes !== sizeBytes) {
    throw new Fault(
      "size-mismatch",
      `part ${partNumber} has ${place.sizeBytes} bytes, not ${sizeBytes}; cut the file as the library said`,
    );
  }
  return { upload, partNumber, sizeBytes, sha256: readSha256(request.sha256) };
}

/** The fault of a number that no part of the upload has. */
export function noSuchPart(upload: UploadRecord, partNumber: number): Fault {
  return new Fault(
    "bad-request",
    `there is no part ${partNumber}; this upload has the parts 1 to ${upload.totalParts}`,
  );
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
