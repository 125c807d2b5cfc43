import { assertRange, type ByteSource } from "../bytes/byte-source.js";

/** Bytes that can be read and changed, into which an image is written. */
export interface SifStore extends ByteSource {
  /** Writes bytes. Beyond the end the store grows, with zeros in any gap. */
  write(offset: number, bytes: Uint8Array): Promise<void>;
  /** Truncates the store to `size` bytes, or extends it with zeros. */
  truncate(size: number): Promise<void>;
}

/** A {@link SifStore} in memory. */
export interface MemorySifStore extends SifStore {
  /** Returns a copy of the bytes. */
  bytes(): Uint8Array<ArrayBuffer>;
}

/** Returns a store in memory, empty or with a copy of `initial`. */
export function memorySifStore(initial: Uint8Array = new Uint8Array()): MemorySifStore {
  let buffer = initial.slice();
  let size = initial.length;
  const resize = (length: number): void => {
    if (length > buffer.length) {
      const larger = new Uint8Array(Math.max(length, 2 * buffer.length));
      larger.set(buffer.subarray(0, size));
      buffer = larger;
    }
    if (length < size) buffer.fill(0, length, size);
    size = length;
  };
  return {
    get size() {
      return size;
    },
    async read(offset, length, options) {
      options?.signal?.throwIfAborted();
      assertRange(size, offset, length);
      return buffer.slice(offset, offset + length);
    },
    async write(offset, bytes) {
      resize(Math.max(size, offset + bytes.length));
      buffer.set(bytes, offset);
    },
    async truncate(length) {
      resize(length);
    },
    bytes: () => buffer.slice(0, size),
  };
}
