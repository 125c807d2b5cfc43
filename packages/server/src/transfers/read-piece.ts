import type { OpenBytes } from "../blobs/blob-store.js";
import { Fault } from "../faults/fault.js";
import type { ByteRange } from "./byte-range.js";
import type { Line, Piece } from "./line.js";

/** Reads as much of the front of a range as a buffer holds; undefined if the line has ended. */
export async function readPiece(
  line: Line,
  blob: OpenBytes,
  { start, length: left }: ByteRange,
): Promise<Piece | undefined> {
  // Without a turn in between if there is one, so that reading has begun when this returns.
  const buffer = line.freeBuffer() ?? (await line.takeBuffer());
  if (buffer === undefined) return undefined;
  const length = Math.min(buffer.length, left);
  const bytesRead = await blob.readUpTo(buffer.subarray(0, length), start);
  if (bytesRead < length) {
    throw new Fault("internal", `stored bytes end early, at ${start + bytesRead}`);
  }
  return { buffer, length };
}
