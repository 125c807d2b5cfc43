import { digestOfSha256Hex, type ImageHash, imageHashOfDigest } from "@sifshelf/protocol";

import type { RequestOptions } from "./request-options.js";
import { hashRange } from "./transfer/hash-source.js";
import type { ProgressListener } from "./transfer/progress.js";
import { type ByteSourceLike, toByteSource } from "./transfer/to-byte-source.js";

/** How an image is hashed. */
export interface ImageHashOptions extends RequestOptions {
  readonly progress?: ProgressListener | undefined;
}

/** The image hash of some bytes, `sha256.<hex>` (Go: `ImageHash`); reads them once, in pieces. */
export async function imageHash(
  source: ByteSourceLike,
  { signal, progress }: ImageHashOptions = {},
): Promise<ImageHash> {
  const bytes = toByteSource(source);
  const whole = { offset: 0, length: bytes.size };
  const hex = await hashRange(bytes, whole, signal, (bytesDone) =>
    progress?.({ phase: "hash", bytesDone, bytesTotal: bytes.size }),
  );
  return imageHashOfDigest(digestOfSha256Hex(hex));
}
