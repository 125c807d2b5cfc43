import type { ByteSource, ReadOptions } from "./byte-source.js";

/** Size of the chunks in which streamed data is read: 1 MiB. */
export const DATA_CHUNK_BYTES = 1024 * 1024;

/**
 * Yields a range in chunks of at most {@link DATA_CHUNK_BYTES}, so memory use does not grow with
 * the range. Reads the next chunk while the caller uses the current one.
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
