import { type Digest, digestOfImageHash, digestOfSha256Hex } from "@sifshelf/protocol";

import type { UserPrincipal } from "../../access/principal.js";
import { type Sums, sumOf } from "../../blobs/byte-sink.js";
import type { IncomingBody } from "../../blobs/incoming-body.js";
import type { UploadOfImage } from "../../catalog/upload-of-image.js";
import type { ImageRecord } from "../../catalog/records.js";
import { Fault } from "../../faults/fault.js";
import type { Library } from "../library.js";
import { requireOpenUpload } from "./find-upload.js";
import { keepOpen } from "./keep-open.js";

/** Says that bytes have arrived whole and are on disk. */
export interface UploadReceipt {
  /**
   * A strong ETag, with quotes: the SHA-256 of what arrived, or `crc32-` and the CRC-32 of a part
   * for which that was enough.
   */
  readonly etag: string;
}

/**
 * Receives the whole file of an upload, verifies it against the image's hash, and keeps it until
 * the upload is completed. Clients may send it again, also at once: an attempt that fails leaves
 * everything as it was.
 *
 * @throws Fault `upload-closed`, `digest-mismatch` for SHA-256 or MD5, `storage-full`, and whatever
 *   {@link IncomingBody.receiveInto} throws.
 */
export async function receiveUpload(
  library: Library,
  principal: UserPrincipal,
  { uploadId, body }: { readonly uploadId: string; readonly body: IncomingBody },
): Promise<UploadReceipt> {
  const query = { uploadId, kind: "single" } as const;
  const found = await requireOpenUpload(library, principal, query);
  const { upload } = found;
  const { etag } = await library.blobs.uploads.receivePart(upload, {
    partNumber: 1,
    body,
    sums: upload.md5 === null ? ["sha256"] : ["sha256", "md5"],
    accept: (sums) => verifiedEtag(found, sums),
    onProgress: keepOpen(library, upload),
  });
  return { etag: `"${etag}"` };
}

function verifiedEtag({ upload, image }: UploadOfImage, sums: Sums): string {
  const sha256 = sumOf(sums, "sha256");
  if (digestOfSha256Hex(sha256) !== digestOfImage(image)) {
    throw new Fault(
      "digest-mismatch",
      `the bytes that arrived are not those of the image ${image.hash}; push the file again`,
    );
  }
  if (upload.md5 === null || upload.md5 === sums.md5) return sha256;
  throw new Fault(
    "digest-mismatch",
    "the bytes that arrived do not have the announced MD5; push the file again",
  );
}

/**
 * Returns the digest that an image's bytes must have. Throws Fault `conflict` if its hash has none.
 */
export function digestOfImage(image: ImageRecord): Digest {
  const digest = digestOfImageHash(image.hash);
  if (digest !== undefined) return digest;
  throw new Fault("conflict", `nothing can be uploaded to ${image.hash}: it is no SHA-256`);
}
