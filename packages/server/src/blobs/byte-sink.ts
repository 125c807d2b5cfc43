/**
 * Sums that can be computed of bytes as they arrive; `crc32` detects transmission errors cheaply.
 */
export type SumName = "sha256" | "md5" | "crc32";

/** The requested sums of some bytes, in lower-case hex. */
export type Sums = Readonly<Partial<Record<SumName, string>>>;

/** Accepts bytes in order. Only one `write` at a time. */
export interface ByteSink {
  /** Writes all chunks. Takes over their memory: they may be empty afterwards. */
  write(chunks: readonly Uint8Array[]): Promise<void>;
  /** Sums of everything written. Call once, after the last write. Does not block the event loop. */
  sums(): Promise<Sums>;
}

/** Returns a sum that was requested. Throws an Error if it was not. */
export function sumOf(sums: Sums, name: SumName): string {
  const sum = sums[name];
  if (sum === undefined) throw new Error(`the ${name} was not computed`);
  return sum;
}
