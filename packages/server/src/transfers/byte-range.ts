/** A range of at least one byte. */
export interface ByteRange {
  /** Offset of the first byte. */
  readonly start: number;
  readonly length: number;
}

const SINGLE_RANGE = /^bytes=[ \t]*([0-9]*)-([0-9]*)[ \t]*$/i;

/**
 * Parses a `Range` header for a file of `sizeBytes` (RFC 9110, section 14): `a-b`, `a-` or `-n`.
 *
 * Returns undefined when the whole file is to be sent: without the header, when it is malformed,
 * when its unit is unknown, and when it asks for several ranges, which a server may ignore. Returns
 * `"unsatisfiable"` when the file has no byte of the range.
 */
export function parseByteRange(
  header: string | undefined,
  sizeBytes: number,
): ByteRange | "unsatisfiable" | undefined {
  const match = SINGLE_RANGE.exec(header ?? "");
  if (match === null) return undefined;
  const [, first = "", last = ""] = match;
  if (first === "") return last === "" ? undefined : suffixRange(Number(last), sizeBytes);
  const start = Number(first);
  const end = last === "" ? Number.POSITIVE_INFINITY : Number(last);
  if (end < start) return undefined;
  if (start >= sizeBytes) return "unsatisfiable";
  return { start, length: Math.min(end, sizeBytes - 1) - start + 1 };
}

function suffixRange(length: number, sizeBytes: number): ByteRange | "unsatisfiable" {
  if (length === 0 || sizeBytes === 0) return "unsatisfiable";
  const start = Math.max(0, sizeBytes - length);
  return { start, length: sizeBytes - start };
}
