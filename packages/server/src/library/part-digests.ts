import { createHash } from "node:crypto";

import { type Digest, digestOfSha256Hex } from "@sifshelf/protocol";

import type { OpenBytes } from "../blobs/blob-store.js";
import type { StoredImage } from "./downloads.js";
import { LibraryFault } from "./library-fault.js";
import type { Library } from "./library.js";
import { openImageBytes } from "./open-image-bytes.js";

/** Some parts of an image that is cut into parts of one size; they are counted from 0. */
export interface PartRange {
  readonly partSizeBytes: number;
  readonly first: number;
  readonly count: number;
}

/** Bytes that are read and hashed at a time; between them others have their turn. */
const STEP_BYTES = 256 * 1024;

/**
 * The digests of parts of a stored image as its bytes are now, up to where the image ends.
 *
 * @throws LibraryFault `internal` when the bytes cannot be read.
 */
export async function partDigests(
  library: Library,
  image: StoredImage,
  { partSizeBytes, first, count, isAbandoned }: PartRange & { readonly isAbandoned: () => boolean },
): Promise<Digest[]> {
  const bytes = await openImageBytes(library, image);
  const buffer = Buffer.allocUnsafeSlow(STEP_BYTES);
  try {
    const digests: Digest[] = [];
    const end = Math.min(image.sizeBytes, (first + count) * partSizeBytes);
    for (let start = first * partSizeBytes; start < end && !isAbandoned(); start += partSizeBytes) {
      const part = { start, end: Math.min(end, start + partSizeBytes) };
      digests.push(await partDigest(bytes, buffer, part));
    }
    return digests;
  } finally {
    await bytes.close();
  }
}

async function partDigest(
  bytes: OpenBytes,
  buffer: Buffer,
  { start, end }: { readonly start: number; readonly end: number },
): Promise<Digest> {
  const hash = createHash("sha256");
  for (let offset = start; offset < end;) {
    const wanted = buffer.subarray(0, Math.min(buffer.length, end - offset));
    const length = await bytes.readUpTo(wanted, offset);
    if (length < wanted.length) {
      throw new LibraryFault("internal", `stored bytes end early, at ${offset + length}`);
    }
    hash.update(wanted);
    offset += length;
  }
  return digestOfSha256Hex(hash.digest("hex"));
}
