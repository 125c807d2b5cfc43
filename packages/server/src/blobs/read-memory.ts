/**
 * How far into a page memory begins that files are read to. Large memory begins 16 bytes into one, and AMD's Zen 3 and 4
 * processors copy whole pages to such places four times as slowly as to any other: their `rep movsb` takes source and target for
 * the same.
 */
export const INTO_PAGE_BYTES = 2048;

/** Memory of so many bytes to read files to, with whatever was in it before. */
export function readMemory(sizeBytes: number): Buffer {
  return Buffer.allocUnsafeSlow(sizeBytes + INTO_PAGE_BYTES).subarray(INTO_PAGE_BYTES);
}
