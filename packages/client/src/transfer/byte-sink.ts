import type { ReadOptions } from "./byte-source.js";
import type { ByteRange } from "./byte-range.js";

/** Where the parts of a pull are written, in any order; a part may be written more than once. */
export interface ByteSink {
  /** Writes all of `bytes`, which may lie in shared memory, at `offset`; `bytes` may be reused once it resolves. */
  write(offset: number, bytes: Uint8Array): Promise<void>;
  /**
   * Reads back exactly `length` bytes that were written at `offset`. With it, parts that arrive ahead of others are
   * verified from here; without it, they are held in memory until their turn.
   */
  read?(offset: number, length: number, options?: ReadOptions): Promise<Uint8Array>;
  /**
   * Is told, before the first byte is asked for, which image comes, and answers which stretches of it are here from an
   * earlier transfer: these are not fetched, and verified with the rest. Is told again when the transfer starts again
   * because what arrived was wrong; then `isRestart` is true and everything here has to be forgotten.
   */
  begin?(image: SinkImage, isRestart: boolean): Promise<readonly ByteRange[]>;
  /**
   * A SHA-256 over what was written here, for sinks that can hash it where it costs the caller no time, and that can be
   * read. Undefined: the caller hashes.
   */
  openHash?(sizeBytes: number): Promise<SinkHash | undefined>;
}

/** An image on its way into a {@link ByteSink}. */
export interface SinkImage {
  readonly sizeBytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** A running SHA-256 over a {@link ByteSink}. */
export interface SinkHash {
  /** Goes on with the `length` bytes at `offset`, which were written; called with rising offsets without gaps. */
  update(offset: number, length: number): Promise<void>;
  /** Lower-case hex; ends the hash. */
  digestHex(): Promise<string>;
  /** Stops and frees what it holds; nothing is called afterwards. Resolves once nothing is read any more. */
  close(): Promise<void>;
}
