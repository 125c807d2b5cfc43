import type { ReadOptions } from "./byte-source.js";
import type { ByteRange } from "./byte-range.js";

/** Where the parts of a pull are written, in any order. A part may be written more than once. */
export interface ByteSink {
  /**
   * Writes all of `bytes`, which may lie in shared memory, at `offset`. The memory may be reused
   * once it resolves.
   */
  write(offset: number, bytes: Uint8Array): Promise<void>;
  /**
   * Reads back exactly `length` bytes written at `offset`. With it, parts that arrive ahead of
   * others are verified from here; without it, they are held in memory until their turn.
   */
  read?(offset: number, length: number, options?: ReadOptions): Promise<Uint8Array>;
  /**
   * Called before the first byte is requested, with the image to come. Returns the ranges present
   * from an earlier transfer: these are not fetched, but verified with the rest. Called again with
   * `isRestart` when the transfer starts over because what arrived was wrong; then everything has
   * to be forgotten.
   */
  begin?(image: SinkImage, isRestart: boolean): Promise<readonly ByteRange[]>;
  /**
   * Starts a SHA-256 of what was written, for readable sinks that can hash at no cost to the
   * caller. Undefined: the caller hashes.
   */
  openHash?(sizeBytes: number): Promise<SinkHash | undefined>;
}

/** An image on its way into a {@link ByteSink}. */
export interface SinkImage {
  readonly sizeBytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** An incremental SHA-256 over a {@link ByteSink}. */
export interface SinkHash {
  /** Adds `length` bytes at `offset`, which were written. Offsets rise without gaps. */
  update(offset: number, length: number): Promise<void>;
  /** Lower-case hex. Ends the hash. */
  digestHex(): Promise<string>;
  /**
   * Stops and frees resources. No other method is called afterwards. Resolves once nothing is read
   * any more.
   */
  close(): Promise<void>;
}
