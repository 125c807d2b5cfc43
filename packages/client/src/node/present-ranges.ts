import type { FileSink } from "./file-sink.js";
import { addToSum, EMPTY_SUM, type JournalledRange } from "./pull-journal.js";
import type { ByteRange } from "../transfer/byte-range.js";

/** Bytes read at a time. */
const READ_BYTES = 1024 * 1024;

/**
 * Returns the journalled ranges whose bytes are still as written, in order and without overlaps. A
 * power failure may have lost some.
 */
export async function presentRanges(
  sink: FileSink,
  journalled: readonly JournalledRange[],
  signal?: AbortSignal,
): Promise<ByteRange[]> {
  const present: ByteRange[] = [];
  let end = 0;
  for (const range of journalled.toSorted((a, b) => a.offset - b.offset)) {
    signal?.throwIfAborted();
    const rangeEnd = range.offset + range.length;
    if (rangeEnd <= end || !(await isIntact(sink, range))) continue;
    const offset = Math.max(end, range.offset);
    present.push({ offset, length: rangeEnd - offset });
    end = rangeEnd;
  }
  return present;
}

async function isIntact(
  sink: FileSink,
  { offset, length, sum: expected }: JournalledRange,
): Promise<boolean> {
  let sum = EMPTY_SUM;
  for (let done = 0; done < length; done += READ_BYTES) {
    const part = Math.min(READ_BYTES, length - done);
    const bytes = await sink.read(offset + done, part).catch(() => undefined);
    if (bytes === undefined) return false;
    sum = addToSum(sum, offset + done, bytes);
  }
  return sum === expected;
}
