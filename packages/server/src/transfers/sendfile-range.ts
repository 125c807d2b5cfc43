import type { OpenBytes } from "../blobs/open-bytes.js";
import type { ByteRange } from "./byte-range.js";
import type { FileSender } from "./file-sender.js";
import { fillBuffer } from "./fill-buffer.js";
import type { SocketWriter } from "./socket-writer.js";

/** Bytes sent through our memory each time the socket is full, to learn when it has room again. */
const SIGNAL_BYTES = 64 * 1024;
/**
 * Most bytes per call: many, so that the cost of a call does not matter; few, to be fair to others.
 */
const MAX_BYTES = 4 << 20;

/** A range of a file, and what sends it. */
export interface RangeToSend {
  readonly range: ByteRange;
  readonly sender: FileSender;
}

/**
 * Sends a range of a blob's file without copying it. Alternates between a small buffer from our
 * memory, of which Node reports when the socket has accepted it and everything before it, and as
 * much of the file as the socket has room for. Small room is not used: a receiver that accepts
 * single bytes would keep a thread busy.
 */
export async function sendfileRange(
  writer: SocketWriter,
  blob: OpenBytes,
  { range, sender }: RangeToSend,
): Promise<void> {
  const end = range.start + range.length;
  let offset = range.start;
  writer.bufferBytes = Math.min(writer.bufferBytes, SIGNAL_BYTES);
  while (offset < end) {
    const filled = await fillBuffer(writer, blob, { start: offset, length: end - offset });
    if (filled === undefined) return;
    writer.send(filled);
    offset += filled.length;
    await writer.drained();
    for (let hasRoom = true; hasRoom && offset < end && writer.end === undefined;) {
      const wanted = Math.min(end - offset, MAX_BYTES);
      const sent = await sender.send(offset, wanted);
      writer.countSent(sent);
      offset += sent;
      hasRoom = sent === wanted;
    }
  }
}
