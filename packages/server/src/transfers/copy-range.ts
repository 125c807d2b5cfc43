import type { OpenBytes } from "../blobs/blob-store.js";
import type { ByteRange } from "./byte-range.js";
import type { Line, Piece } from "./line.js";
import { readPiece } from "./read-piece.js";

/** Sends a range through our memory. The next piece is read while this one is handed to the system, which copies it. */
export async function copyRange(line: Line, blob: OpenBytes, range: ByteRange): Promise<void> {
  const end = range.start + range.length;
  let offset = range.start;
  const readNext = () => {
    const next = readPiece(line, blob, { start: offset, length: end - offset });
    // Whoever awaits it hears of it.
    next.catch(() => {});
    return next;
  };
  let ahead: Promise<Piece | undefined> | undefined = readNext();
  try {
    while (ahead !== undefined) {
      const piece: Piece | undefined = await ahead;
      if (piece === undefined || line.end !== undefined) return;
      offset += piece.length;
      ahead = offset < end ? readNext() : undefined;
      line.send(piece);
    }
    await line.drained();
  } finally {
    // The blob is not closed while it is read.
    await ahead?.catch(() => {});
  }
}
