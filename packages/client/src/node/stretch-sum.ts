/** One byte of so many is looked at. A disk loses pages of 4 KiB, or more at a time. */
const STEP_BYTES = 1024;

/** The offset basis and the prime of FNV-1a, for 32 bits. */
const BASIS = 0x811c9dc5;
const PRIME = 0x01000193;

/** The sum of a stretch without bytes. */
export const EMPTY_SUM = BASIS;

/**
 * Adds bytes that lie at `offset` of a file to the sum of those right before them: FNV-1a over one byte in 1024. It tells pages
 * that a disk has lost from what was written, at next to no cost; what it does not see, the SHA-256 of the whole does.
 */
export function addToSum(sum: number, offset: number, bytes: Uint8Array): number {
  let result = sum;
  const first = (STEP_BYTES - (offset % STEP_BYTES)) % STEP_BYTES;
  for (let index = first; index < bytes.byteLength; index += STEP_BYTES) {
    result = Math.imul(result ^ (bytes[index] ?? 0), PRIME);
  }
  return result >>> 0;
}
