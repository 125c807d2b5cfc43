import { crc32PartToken } from "@sifshelf/protocol";

import type { UserPrincipal } from "../../access/principal.js";
import { type SumName, type Sums, sumOf } from "../../blobs/byte-sink.js";
import type { IncomingBody } from "../../blobs/incoming-body.js";
import { Fault } from "../../faults/fault.js";
import type { Library } from "../library.js";
import { requireOpenUpload } from "./find-upload.js";
import { keepOpen } from "./keep-open.js";
import type { UploadReceipt } from "./receive-upload.js";

/** A part that a client is sending. */
export interface IncomingPart {
  readonly uploadId: string;
  /** Counted from 1. */
  readonly partNumber: number;
  /** SHA-256 that the bytes must have, lower-case hex; null if the client did not announce it. */
  readonly sha256: string | null;
  /**
   * Whether a CRC-32 of what arrived is enough, for the sender to compare with its own. Ignored if
   * it announced a SHA-256.
   */
  readonly byCrc32?: boolean;
  readonly body: IncomingBody;
}

/**
 * Receives a part of an upload. Parts may come at once, in any order, and again.
 *
 * @throws Fault `upload-closed`, `bad-request` for a number that no part has, `digest-mismatch`,
 *   `storage-full`, and whatever {@link IncomingBody.receiveInto} throws.
 */
export async function receivePart(
  library: Library,
  principal: UserPrincipal,
  part: IncomingPart,
): Promise<UploadReceipt> {
  const { uploadId, partNumber, body } = part;
  const query = { uploadId, kind: "multipart" } as const;
  const { upload } = await requireOpenUpload(library, principal, query);
  const { etag } = await library.blobs.uploads.receivePart(upload, {
    partNumber,
    body,
    sums: [sumName(part)],
    accept: (sums) => etagOf(part, sums),
    onProgress: keepOpen(library, upload),
  });
  return { etag: `"${etag}"` };
}

/** SHA-256, unless the client asks for less. */
function sumName({ sha256, byCrc32 }: IncomingPart): SumName {
  return sha256 === null && byCrc32 === true ? "crc32" : "sha256";
}

/** The ETag of the bytes that arrived, if they are those that were announced. */
function etagOf({ sha256, partNumber }: IncomingPart, sums: Sums): string {
  if (sums.crc32 !== undefined) return crc32PartToken(sums.crc32);
  if (sha256 === null || sha256 === sums.sha256) return sumOf(sums, "sha256");
  throw new Fault(
    "digest-mismatch",
    `the bytes of part ${partNumber} that arrived do not have the announced SHA-256; send the part again`,
  );
}
