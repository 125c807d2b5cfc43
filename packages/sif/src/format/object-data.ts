import type { ByteSource, ReadOptions } from "../bytes/byte-source.js";
import { readChunks } from "../bytes/read-chunks.js";
import type { SifDescriptor } from "./descriptor.js";

/** Largest definition file or JSON document to load: 4 MiB. Real ones have kilobytes. */
export const MAX_DOCUMENT_BYTES = 4 * 1024 * 1024;

/** Returns the bytes of an object as a stream. Cancelling it stops reading. */
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

/** Returns the bytes of an object of at most `maxBytes`, or `null` if it is larger. */
export async function readSmallObject(
  image: { readonly source: ByteSource },
  descriptor: SifDescriptor,
  options: ReadOptions & { readonly maxBytes: number },
): Promise<Uint8Array | null> {
  if (descriptor.size > options.maxBytes) return null;
  return image.source.read(descriptor.offset, descriptor.size, options);
}
