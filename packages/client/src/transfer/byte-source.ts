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
