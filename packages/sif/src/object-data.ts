import type { ByteSource, ReadOptions } from "./byte-source.js";
import type { SifDescriptor } from "./descriptor.js";

/** Size of the pieces in which data is read when it is streamed: 1 MiB. */
export const DATA_CHUNK_BYTES = 1024 * 1024;

/**
 * Yields `length` bytes at `offset` in pieces of at most {@link DATA_CHUNK_BYTES}, so that memory does
 * not grow with the length. The next piece is read while the current one is used.
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

/** Returns the bytes of one object as a stream; cancelling it stops reading. */
export function objectStream(
  image: { readonly source: ByteSource },
  descriptor: SifDescriptor,
  options: ReadOptions = {},
): ReadableStream<Uint8Array> {
  const chunks = readChunks(image.source, descriptor, options);
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await chunks.next();
        if (done === true) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await chunks.return();
      },
    },
    { highWaterMark: 0 },
  );
}

/** Returns the bytes of an object of at most `maxBytes`; `null` if it is larger. */
export async function readSmallObject(
  image: { readonly source: ByteSource },
  descriptor: SifDescriptor,
  options: ReadOptions & { readonly maxBytes: number },
): Promise<Uint8Array | null> {
  if (descriptor.size > options.maxBytes) return null;
  return image.source.read(descriptor.offset, descriptor.size, options);
}
