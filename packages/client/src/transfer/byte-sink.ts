import type { ReadOptions } from "./byte-source.js";

/** Where the parts of a pull are written, in any order; a part may be written more than once. */
export interface ByteSink {
  /** Writes all of `bytes` at `offset`; `bytes` may be reused once it resolves. */
  write(offset: number, bytes: Uint8Array): Promise<void>;
  /**
   * Reads back exactly `length` bytes that were written at `offset`. With it, parts that arrive ahead of others are
   * verified from here; without it, they are held in memory until their turn.
   */
  read?(offset: number, length: number, options?: ReadOptions): Promise<Uint8Array>;
}
