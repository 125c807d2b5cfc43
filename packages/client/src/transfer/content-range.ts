import type { SourceRange } from "./source-stream.js";

const CONTENT_RANGE = /^bytes ([0-9]{1,16})-([0-9]{1,16})\/([0-9]{1,16})$/i;

/** The `Range` header that asks for a stretch of a file (RFC 9110, 14.2). */
export function rangeHeader({ offset, length }: SourceRange): string {
  return `bytes=${offset}-${offset + length - 1}`;
}

/** Whether a `Content-Range` header says exactly this stretch of a file of `sizeBytes`. */
export function isContentRange(
  header: string,
  { offset, length }: SourceRange,
  sizeBytes: number,
): boolean {
  const match = CONTENT_RANGE.exec(header.trim());
  if (match === null) return false;
  const [first, last, total] = match.slice(1).map(Number);
  return first === offset && last === offset + length - 1 && total === sizeBytes;
}
