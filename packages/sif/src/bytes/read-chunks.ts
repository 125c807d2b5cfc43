import type { ByteSource, ReadOptions } from "./byte-source.js";

/** Size of the pieces in which data is read when it is streamed: 1 MiB. */
export const DATA_CHUNK_BYTES = 1024 * 1024;

/**
 * Yields `length` bytes at `offset` in pieces of at most {@link DATA_CHUNK_BYTES}, so that memory
 * does not grow with the length. The next piece is read while the current one is used.
 */
export async function* readChunks(
  source: ByteSource,
  range: { readonly offset: number; readonly size: number },
  options: ReadOptions = {},
): AsyncGenerator<Uint8Array, void, void> {
  const end = range.offset + range.size;
  const readAt = (offset: number): Promise<Uint8Array> | undefined =>
    offset < end
      ? source.read(offset, Math.min(DATA_CHUNK_BYTES, end - offset), options)
      : undefined;
  let offset = range.offset;
  let pending = readAt(offset);
  try {
    while (pending !== undefined) {
      const chunk = await pending;
      offset += chunk.length;
      pending = readAt(offset);
      yield chunk;
    }
  } finally {
    // A consumer that stops early must not leave a rejection unhandled.
    pending?.catch(() => undefined);
  }
}
