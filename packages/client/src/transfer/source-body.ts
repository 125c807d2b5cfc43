import type { StreamBody } from "../http/transport.js";
import type { ByteSource } from "./byte-source.js";
import type { ByteRange } from "./byte-range.js";

/**
 * Bytes read and sent at a time. Small enough that a link of 5 kB/s moves one within the default timeout, large enough
 * that a fast one is not slowed.
 */
const CHUNK_BYTES = 256 * 1024;

/** The bytes of a stretch in chunks; one chunk is read ahead. */
export function sourceStream(
  source: ByteSource,
  { offset, length }: ByteRange,
  signal?: AbortSignal,
): ReadableStream<Uint8Array> {
  const end = offset + length;
  let position = offset;
  return new ReadableStream({
    async pull(controller) {
      if (position < end) {
        const bytes = await source.read(position, Math.min(CHUNK_BYTES, end - position), {
          signal,
        });
        position += bytes.byteLength;
        controller.enqueue(bytes);
      }
      if (position >= end) controller.close();
    },
  });
}

/** Who is told of a body on its way. */
export interface SendWatch {
  readonly signal: AbortSignal | undefined;
  /** How many bytes of it were handed over so far. */
  readonly onSent: (bytes: number) => void;
  /** The bytes themselves, before they are handed over. A source that gives a `Blob` is not to be watched so. */
  readonly onBytes?: ((position: number, bytes: Uint8Array) => void) | undefined;
}

/** A stretch of a source as the body of a request. */
export function sourceBody(
  source: ByteSource,
  range: ByteRange,
  { signal, onSent, onBytes }: SendWatch,
): StreamBody {
  const readInto = source.readInto?.bind(source);
  return {
    sizeBytes: range.length,
    blob: source.slice?.(range.offset, range.length),
    sent: onSent,
    fill:
      readInto &&
      (async (position, target) => {
        await readInto(range.offset + position, target, { signal });
        onBytes?.(position, target);
        onSent(position + target.byteLength);
      }),
    open: () => {
      let sentBytes = 0;
      const count = new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          onBytes?.(sentBytes, chunk);
          sentBytes += chunk.byteLength;
          onSent(sentBytes);
          controller.enqueue(chunk);
        },
      });
      return sourceStream(source, range, signal).pipeThrough(count);
    },
  };
}
