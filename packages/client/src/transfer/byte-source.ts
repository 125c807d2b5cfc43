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
  /** The same range as a `Blob`, where the platform has it without reading; browsers send it so. */
  slice?(offset: number, length: number): Blob;
  /** Rejects with `LibraryError` `source-changed` when the bytes may differ from those read before. */
  assertUnchanged?(): Promise<void>;
}
