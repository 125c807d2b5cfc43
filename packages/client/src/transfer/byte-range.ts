/** A stretch of a source. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

const CONTENT_RANGE = /^bytes ([0-9]{1,16})-([0-9]{1,16})\/([0-9]{1,16})$/i;

/** The `Range` header that asks for a stretch of a file (RFC 9110, 14.2). */
export function rangeHeader({ offset, length }: ByteRange): string {
  return `bytes=${offset}-${offset + length - 1}`;
}

/** Whether a `Content-Range` header says exactly this stretch of a file of `sizeBytes`. */
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

/** The parts of a stretch, in order; made one by one, since there may be very many. */
export function* partsOf(
  { offset, length }: ByteRange,
  partSizeBytes: number,
): Generator<ByteRange, void> {
  for (let done = 0; done < length; done += partSizeBytes) {
    yield { offset: offset + done, length: Math.min(partSizeBytes, length - done) };
  }
}

/** What is missing of an image beside stretches of it, which are in order and do not overlap. */
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
