import { LibraryError } from "../errors/library-error.js";
import { readBlob } from "../platform/platform.js";

/** How one read may be interrupted. */
export interface ReadOptions {
  /** Aborting rejects the read with `signal.reason`. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Random access to bytes to push: a buffer, a `Blob`, an open file. The required members, `size`
 * and `read`, are those of the byte sources of `@sifshelf/sif`, so that one open file serves both
 * packages. The others are optional, and differ.
 */
export interface ByteSource {
  /** Number of bytes. Does not change while the source is in use. */
  readonly size: number;
  /** Returns exactly `length` bytes that start at `offset`, or rejects. */
  read(offset: number, length: number, options?: ReadOptions): Promise<Uint8Array>;
  /**
   * Like {@link read}, but fills memory of the caller, which saves a push from allocating for each
   * chunk.
   */
  readInto?(offset: number, target: Uint8Array, options?: ReadOptions): Promise<void>;
  /**
   * Returns the SHA-256 of the bytes that {@link read} would return, as lower-case hex, for sources
   * that can hash without blocking this thread. `onHashed` receives the number of bytes hashed so
   * far. Never called for an empty range.
   */
  sha256?(
    offset: number,
    length: number,
    options?: ReadOptions & { readonly onHashed?: ((bytes: number) => void) | undefined },
  ): Promise<string>;
  /**
   * Returns a range as a `Blob`, where the platform has one without reading. Browsers send it as
   * such.
   */
  slice?(offset: number, length: number): Blob;
  /**
   * Rejects with `LibraryError` `source-changed` when the bytes may differ from those read before.
   */
  assertUnchanged?(): Promise<void>;
}

/** Everything that can be pushed. */
export type ByteSourceLike = ByteSource | Uint8Array | ArrayBuffer | Blob;

/**
 * Returns a byte source for buffers and blobs. A byte source is returned as it is.
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
    `the source returned ${bytes.byteLength} bytes instead of ${length}; it must not change while it is read`,
  );
}
