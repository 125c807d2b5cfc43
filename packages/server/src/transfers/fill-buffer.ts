import type { OpenBytes } from "../blobs/open-bytes.js";
import { Fault } from "../faults/fault.js";
import type { ByteRange } from "./byte-range.js";
import type { FilledBuffer, SocketWriter } from "./socket-writer.js";

/**
 * Reads as much of the front of a range as a buffer of the writer holds; undefined if the writer
 * has ended. Throws Fault `internal` if the blob is shorter than the range.
 */
export async function fillBuffer(
  writer: SocketWriter,
  blob: OpenBytes,
  { start, length: left }: ByteRange,
): Promise<FilledBuffer | undefined> {
  // Taken synchronously if one is free, so that reading has begun when this function returns.
  const buffer = writer.freeBuffer() ?? (await writer.takeBuffer());
  if (buffer === undefined) return undefined;
  const length = Math.min(buffer.length, left);
  const bytesRead = await blob.readUpTo(buffer.subarray(0, length), start);
  if (bytesRead < length) {
    throw new Fault("internal", `stored bytes end early, at ${start + bytesRead}`);
  }
  return { buffer, length };
}
