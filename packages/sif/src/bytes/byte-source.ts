import type { DigestAlgorithm } from "./digest-algorithm.js";

/** Options of a read. */
export interface ReadOptions {
  /** Aborting rejects the read with `signal.reason`, unwrapped. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Random access to bytes that need not be in memory: a buffer, a `Blob`, an open file, a resource
 * behind HTTP range requests.
 *
 * This package reads images only through this interface, so it never holds a whole image in memory.
 */
export interface ByteSource {
  /** Total number of bytes; does not change while the source is in use. */
  readonly size: number;
  /**
   * Returns exactly `length` bytes, starting at byte `offset`.
   *
   * @throws {ByteSourceError} `source-range` if the range is not inside the source;
   *   `source-short-read` if the bytes are gone, for example because the file was truncated
   */
  read(offset: number, length: number, options?: ReadOptions): Promise<Uint8Array>;
  /**
   * Returns the digest of a range. Optional, for sources that hash faster than a caller of `read`
   * could: a file does so in a thread of its own.
   *
   * @throws as `read` does
   */
  digest?(
    algorithm: DigestAlgorithm,
    range: { readonly offset: number; readonly size: number },
    options?: ReadOptions,
  ): Promise<Uint8Array>;
}

/**
 * Why a {@link ByteSource} could not return the requested bytes: the range is outside the source,
 * the source ended early, or the path is not a regular file.
 */
export type ByteSourceErrorCode = "source-range" | "source-short-read" | "source-not-a-file";

const BRAND = Symbol.for("@sifshelf/sif/ByteSourceError");

/** A failed read of a {@link ByteSource}. Recognise it with {@link isByteSourceError}. */
export class ByteSourceError extends Error {
  override readonly name = "ByteSourceError";
  readonly code: ByteSourceErrorCode;

  constructor(code: ByteSourceErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    Object.defineProperty(this, BRAND, { value: true });
  }
}

/**
 * Reports whether a value is a {@link ByteSourceError}, including one from another copy of this
 * package.
 */
export function isByteSourceError(value: unknown): value is ByteSourceError {
  return value instanceof Error && BRAND in value;
}

/**
 * Throws unless the range of `length` bytes at `offset` lies inside `size` bytes. For authors of
 * sources.
 *
 * @throws {ByteSourceError} `source-range`
 */
export function assertRange(size: number, offset: number, length: number): void {
  const valid = Number.isSafeInteger(offset) && Number.isSafeInteger(length);
  if (!valid || offset < 0 || length < 0 || offset > size - length) {
    throw new ByteSourceError(
      "source-range",
      `cannot read ${length} bytes at ${offset}: the source has ${size} bytes`,
    );
  }
}

/** Returns a source over bytes in memory. Reads return views of `bytes`, not copies. */
export function memoryByteSource(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.byteLength,
    async read(offset, length, options) {
      options?.signal?.throwIfAborted();
      assertRange(bytes.byteLength, offset, length);
      return bytes.subarray(offset, offset + length);
    },
  };
}

/** Returns a source over a `Blob` or `File`. Only the ranges that are read are loaded. */
export function blobByteSource(blob: Blob): ByteSource {
  return {
    size: blob.size,
    async read(offset, length, options) {
      options?.signal?.throwIfAborted();
      assertRange(blob.size, offset, length);
      const buffer = await blob.slice(offset, offset + length).arrayBuffer();
      options?.signal?.throwIfAborted();
      if (buffer.byteLength !== length) {
        throw new ByteSourceError(
          "source-short-read",
          `cannot read ${length} bytes at ${offset}: the blob returned ${buffer.byteLength} bytes`,
        );
      }
      return new Uint8Array(buffer);
    },
  };
}
