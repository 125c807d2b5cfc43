/** Some of the bytes of a file, at least one. */
export interface ByteRange {
  /** Offset of the first byte. */
  readonly start: number;
  readonly length: number;
}

const SINGLE_RANGE = /^bytes=[ \t]*([0-9]*)-([0-9]*)[ \t]*$/i;

/**
 * The range that a `Range` header asks of a file of `sizeBytes`, as RFC 9110, section 14, has it: `a-b`, `a-` or `-n`.
 *
 * Undefined when the whole is to be sent: without the header, when it cannot be read, when its unit is another, and when it asks
 * for several ranges, which a server may ignore. `"unsatisfiable"` when the file has no byte of the range.
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
