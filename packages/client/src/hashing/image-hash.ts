import {
  digestOfSha256Hex,
  type ImageHash,
  imageHashOfDigest,
  parseImageHash,
} from "@sifshelf/protocol";

import { LibraryError } from "../errors/library-error.js";
import type { RequestOptions } from "../http/connection.js";
import { type ByteSourceLike, toByteSource } from "../transfer/byte-source.js";
import type { ProgressListener } from "../transfer/progress.js";
import { hashRange } from "./hash-range.js";

/** How an image is hashed. */
export interface ImageHashOptions extends RequestOptions {
  readonly progress?: ProgressListener | undefined;
}

/**
 * Returns the image hash of some bytes, `sha256.<hex>` (Go: `ImageHash`). Reads them once, in
 * chunks.
 */
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

// The global header of a SIF file, as sylabs/sif defines it in `sif.go`: 32 bytes of launch script,
// then this.
const MAGIC = "SIF_MAGIC\0";
const MAGIC_OFFSET = 32;
const UUID_OFFSET = 48;
const UUID_LENGTH = 16;

/**
 * Returns the id of a SIF file by its UUID, `sif.<uuid>`: the second form of an image hash, which
 * Go's `ImageHash` documents and never returns. It says nothing about the bytes.
 *
 * @throws LibraryError `not-a-sif` when the bytes do not start like a SIF file.
 */
export async function sifImageId(
  source: ByteSourceLike,
  { signal }: RequestOptions = {},
): Promise<ImageHash> {
  const bytes = toByteSource(source);
  const headLength = UUID_OFFSET + UUID_LENGTH;
  const head =
    bytes.size < headLength ? new Uint8Array() : await bytes.read(0, headLength, { signal });
  const magic = new TextDecoder("latin1").decode(
    head.subarray(MAGIC_OFFSET, MAGIC_OFFSET + MAGIC.length),
  );
  if (magic !== MAGIC) {
    throw new LibraryError("not-a-sif", "the source does not start with the header of a SIF file");
  }
  const hex = Array.from(head.subarray(UUID_OFFSET, headLength), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
  return parseImageHash(
    `sif.${hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5")}`,
  );
}
