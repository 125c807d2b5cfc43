import type { StreamBody } from "../http/transport.js";
import type { ByteSource } from "./byte-source.js";
import type { ByteRange } from "./byte-range.js";

/**
 * Bytes read and sent at a time. Small enough for a link of 5 kB/s to move one within the default
 * timeout, large enough not to slow a fast one.
 */
const CHUNK_BYTES = 256 * 1024;

/** Returns the bytes of a range in chunks. One chunk is read ahead. */
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

/** Observes a body while it is sent. */
export interface SendWatch {
  readonly signal: AbortSignal | undefined;
  /** Called with the number of bytes passed on so far. */
  readonly onSent: (bytes: number) => void;
  /**
   * Called with the bytes themselves, before they are passed on. Not for sources that provide a
   * `Blob`.
   */
  readonly onBytes?: ((position: number, bytes: Uint8Array) => void) | undefined;
}

/** Returns a range of a source as the body of a request. */
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
