/** A range of bytes. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

const CONTENT_RANGE = /^bytes ([0-9]{1,16})-([0-9]{1,16})\/([0-9]{1,16})$/i;

/** Returns the `Range` header for a range (RFC 9110, 14.2). */
export function rangeHeader({ offset, length }: ByteRange): string {
  return `bytes=${offset}-${offset + length - 1}`;
}

/** Whether a `Content-Range` header names exactly this range of a file of `sizeBytes`. */
export function isContentRange(
  header: string,
  { offset, length }: ByteRange,
  sizeBytes: number,
): boolean {
  const match = CONTENT_RANGE.exec(header.trim());
  if (match === null) return false;
  const [first, last, total] = match.slice(1).map(Number);
  return first === offset && last === offset + length - 1 && total === sizeBytes;
}

/**
 * Splits a range into parts, in order. They are generated one by one, since there may be very many.
 */
export function* partsOf(
  { offset, length }: ByteRange,
  partSizeBytes: number,
): Generator<ByteRange, void> {
  for (let done = 0; done < length; done += partSizeBytes) {
    yield { offset: offset + done, length: Math.min(partSizeBytes, length - done) };
  }
}

/**
 * Returns the ranges of an image missing from `present`, which is in order and without overlaps.
 */
export function* missingRanges(
  sizeBytes: number,
  present: readonly ByteRange[],
): Generator<ByteRange, void> {
  let position = 0;
  for (const { offset, length } of [...present, { offset: sizeBytes, length: 0 }]) {
    if (offset > position) yield { offset: position, length: offset - position };
    position = offset + length;
  }
}
