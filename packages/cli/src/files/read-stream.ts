import type { Readable } from "node:stream";

/**
 * Reads a stream to its end; `undefined` if it has more than `maxBytes`.
 *
 * @throws the signal's reason after an abort, and errors of the stream
 */
export async function readStream(
  stream: Readable,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const stop = () => stream.destroy(asError(signal.reason));
  signal.throwIfAborted();
  signal.addEventListener("abort", stop, { once: true });
  try {
    for await (const chunk of stream) {
      const part = Buffer.from(chunk);
      bytes += part.length;
      if (bytes > maxBytes) return undefined;
      chunks.push(part);
    }
  } finally {
    signal.removeEventListener("abort", stop);
  }
  return Buffer.concat(chunks);
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error("aborted", { cause: reason });
}
