import { LibraryError } from "../errors.js";
import { readBlob } from "../http/read-blob.js";
import type { ByteSource } from "./byte-source.js";

/** Anything that bytes to push can be given as. */
export type ByteSourceLike = ByteSource | Uint8Array | ArrayBuffer | Blob;

/**
 * A byte source over buffers and blobs; a byte source is returned as it is.
 *
 * @throws LibraryError `option-not-valid` when the size is not a whole number of bytes.
 */
export function toByteSource(source: ByteSourceLike): ByteSource {
  if (source instanceof Blob) return blobSource(source);
  if (source instanceof Uint8Array) return bytesSource(source);
  if (source instanceof ArrayBuffer) return bytesSource(new Uint8Array(source));
  if (typeof source?.read !== "function" || !Number.isSafeInteger(source.size) || source.size < 0) {
    throw new LibraryError(
      "option-not-valid",
      "the source is not a Uint8Array, ArrayBuffer, Blob or { size, read(offset, length) }",
    );
  }
  return source;
}

function bytesSource(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.byteLength,
    read: async (offset, length) => exactly(bytes.subarray(offset, offset + length), length),
  };
}

function blobSource(blob: Blob): ByteSource {
  const slice = (offset: number, length: number) => blob.slice(offset, offset + length);
  return {
    size: blob.size,
    slice,
    read: async (offset, length, options) => {
      options?.signal?.throwIfAborted();
      return exactly(await readBlob(slice(offset, length)), length);
    },
    assertUnchanged: async () => void (await readBlob(slice(0, 1))),
  };
}

function exactly(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.byteLength === length) return bytes;
  throw new LibraryError(
    "source-changed",
    `the source gave ${bytes.byteLength} bytes where ${length} were asked for; it must not change while it is read`,
  );
}
