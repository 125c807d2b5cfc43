import { onAbort } from "../platform/abort.js";
import { LibraryError } from "../errors/library-error.js";
import type { BlockBody } from "../http/transport.js";
import { chunksOf } from "../http/read-body.js";
import { redactUrl } from "../http/redact.js";
import type { LibraryReply } from "../http/send.js";
import type { ByteSink } from "../transfer/byte-sink.js";
import type { ByteRange } from "../transfer/byte-range.js";

/** Bytes written at a time: small writes cost three quarters of a disk's speed. */
const WRITE_BYTES = 1024 * 1024;

/**
 * Longest time that received bytes wait to be written, in milliseconds: unwritten bytes are lost
 * with the process.
 */
const WRITE_INTERVAL_MS = 1_000;

/** Where the bytes of a reply go. */
export interface PartTarget {
  readonly sink: ByteSink;
  readonly part: ByteRange;
  /** Called with each chunk once it is written. Its memory is reused afterwards. */
  readonly onWritten: (offset: number, bytes: Uint8Array) => void;
}

/**
 * Writes the body of a reply to its range of the sink. When the body fails, the bytes that arrived
 * are still written, so that only the rest has to be requested again.
 *
 * @throws LibraryError `protocol` when the body has more or fewer bytes than the range; retryable
 *   with fewer.
 */
export async function receivePart(
  reply: LibraryReply,
  target: PartTarget,
  signal?: AbortSignal,
): Promise<void> {
  if (reply.blocks !== undefined) return receiveBlocks(reply, reply.blocks, target, signal);
  const { sink, part, onWritten } = target;
  const buffer = new Uint8Array(Math.min(WRITE_BYTES, part.length));
  const end = part.offset + part.length;
  let filled = 0;
  let position = part.offset;
  let writtenMs = Date.now();
  const flush = async () => {
    const bytes = buffer.subarray(0, filled);
    filled = 0;
    await sink.write(position, bytes);
    position += bytes.byteLength;
    writtenMs = Date.now();
    onWritten(position - bytes.byteLength, bytes);
  };
  const take = async (chunk: Uint8Array) => {
    let rest = chunk;
    while (rest.byteLength > 0) {
      const taken = rest.subarray(0, buffer.byteLength - filled);
      buffer.set(taken, filled);
      filled += taken.byteLength;
      rest = rest.subarray(taken.byteLength);
      if (filled === buffer.byteLength) await flush();
    }
  };
  try {
    for await (const chunk of chunksOf(reply.body, signal)) {
      if (position + filled + chunk.byteLength > end) throw partLengthError(reply, part, false);
      await take(chunk);
      if (filled > 0 && Date.now() - writtenMs > WRITE_INTERVAL_MS) await flush();
    }
  } finally {
    // Empty after a failed write.
    if (filled > 0) await flush();
  }
  if (position !== end) throw partLengthError(reply, part, true);
}

/** Blocks are written without a copy. */
async function receiveBlocks(
  reply: LibraryReply,
  blocks: BlockBody,
  { sink, part, onWritten }: PartTarget,
  signal?: AbortSignal,
): Promise<void> {
  const end = part.offset + part.length;
  let position = part.offset;
  const take = async (bytes: Uint8Array) => {
    if (position + bytes.byteLength > end) throw partLengthError(reply, part, false);
    await sink.write(position, bytes);
    position += bytes.byteLength;
    onWritten(position - bytes.byteLength, bytes);
  };
  const giveUp = () => void reply.body?.cancel(signal?.reason).catch(() => {});
  const stopListening = onAbort(signal, giveUp);
  try {
    signal?.throwIfAborted();
    await blocks.drain({ take, waiting: () => {} });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    stopListening();
  }
  if (position !== end) throw partLengthError(reply, part, true);
}

function partLengthError(
  { request, url, status }: LibraryReply,
  part: ByteRange,
  retryable: boolean,
): LibraryError {
  const shownUrl = redactUrl(url);
  return new LibraryError(
    "protocol",
    `${request.method} ${shownUrl}: the reply does not have the requested ${part.length} bytes from offset ${part.offset}`,
    { status, method: request.method, url: shownUrl, retryable },
  );
}
