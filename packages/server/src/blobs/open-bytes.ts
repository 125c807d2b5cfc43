import type { ByteSource } from "@sifshelf/sif";

/** Stored bytes, open for reading. They stay readable until closed, even if deleted meanwhile. */
export interface OpenBytes extends ByteSource {
  /**
   * Fills `buffer` from `offset` on and returns the number of bytes read: fewer than the buffer
   * holds only at the end, 0 beyond it.
   */
  readUpTo(buffer: Uint8Array, offset: number): Promise<number>;
  /**
   * Capability of stores that keep local files: a descriptor of the file that contains exactly
   * these bytes, for `sendfile`. Valid until {@link close}.
   */
  readonly fd?: number;
  close(): Promise<void>;
}
