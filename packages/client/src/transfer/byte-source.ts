import { LibraryError } from "../errors.js";
import { readBlob } from "../platform.js";

/** How one read may be interrupted. */
export interface ReadOptions {
  /** Aborting rejects the read with `signal.reason`. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Bytes to push, read in pieces at any offset: a buffer, a `Blob`, an open file. The byte sources of `@sifshelf/sif`
 * fit too, so that one open file serves both packages.
 */
export interface ByteSource {
  /** Number of bytes; does not change while the source is in use. */
  readonly size: number;
  /** Returns exactly `length` bytes that start at `offset`, or rejects. */
  read(offset: number, length: number, options?: ReadOptions): Promise<Uint8Array>;
  /** Like {@link read}, into memory of the caller, which it fills; spares a push new memory for each piece. */
  readInto?(offset: number, target: Uint8Array, options?: ReadOptions): Promise<void>;
  /**
   * Lower-case hex SHA-256 of the bytes that {@link read} would return, where it can be had without them and without
   * holding up this thread; `onHashed` learns how many bytes are hashed so far. It is not asked for an empty range.
   */
  sha256?(
    offset: number,
    length: number,
    options?: ReadOptions & { readonly onHashed?: ((bytes: number) => void) | undefined },
  ): Promise<string>;
  /** The same range as a `Blob`, where the platform has it without reading; browsers send it so. */
  slice?(offset: number, length: number): Blob;
  /** Rejects with `LibraryError` `source-changed` when the bytes may differ from those read before. */
  assertUnchanged?(): Promise<void>;
}

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
