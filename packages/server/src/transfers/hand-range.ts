import type { OpenBytes } from "../blobs/blob-store.js";
import type { ByteRange } from "./byte-range.js";
import type { FileSender } from "./file-sender.js";
import type { Line } from "./line.js";
import { readPiece } from "./read-piece.js";

/** What goes through our memory each time that the socket has no room for more, so that we learn when it has. */
const SIGNAL_BYTES = 64 * 1024;
/** Most bytes handed over at once: many, so that calls do not count, and few, so that others have their turn. */
const MAX_BYTES = 4 << 20;

/** What is sent past our memory, and by what. */
export interface HandedRange {
  readonly range: ByteRange;
  readonly sender: FileSender;
}

/**
 * Sends a range of a blob's file without copying it. By turns: a small piece from our memory, of which Node tells when the socket
 * has taken it, and with it all before; then as much from the file as the socket has room for. Room for a little is not used: who
 * takes what is sent byte by byte would keep a thread busy.
 */
export async function handRange(
  line: Line,
  blob: OpenBytes,
  { range, sender }: HandedRange,
): Promise<void> {
  const end = range.start + range.length;
  let offset = range.start;
  line.bufferBytes = Math.min(line.bufferBytes, SIGNAL_BYTES);
  while (offset < end) {
    const piece = await readPiece(line, blob, { start: offset, length: end - offset });
    if (piece === undefined) return;
    line.send(piece);
    offset += piece.length;
    await line.drained();
    for (let hasRoom = true; hasRoom && offset < end && line.end === undefined;) {
      const wanted = Math.min(end - offset, MAX_BYTES);
      const sent = await sender.send(offset, wanted);
      line.sentPast(sent);
      offset += sent;
      hasRoom = sent === wanted;
    }
  }
}
