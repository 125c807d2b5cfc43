/**
 * Offset into a page at which memory for file reads begins. Large allocations begin 16 bytes into a
 * page, and AMD's Zen 3 and 4 copy whole pages to such addresses four times as slowly as to others:
 * their `rep movsb` mistakes source and target for overlapping.
 */
const INTO_PAGE_BYTES = 2048;

/** Returns uninitialised memory of that size to read files into. */
export function readMemory(sizeBytes: number): Buffer {
  return Buffer.allocUnsafeSlow(sizeBytes + INTO_PAGE_BYTES).subarray(INTO_PAGE_BYTES);
}
