/**
 * How far into a page to start memory that the system copies to. Large allocations start 16 bytes
 * into one, and AMD's Zen 3 and 4 processors copy whole pages to such places at a quarter of the
 * usual speed: their `rep movsb` mistakes source and target for the same. Copies from the page
 * cache, or over loopback, are whole pages.
 */
export const INTO_PAGE_BYTES = 2048;

/** Allocates memory for the system to copy to. */
export function readMemory(sizeBytes: number): Uint8Array {
  return new Uint8Array(sizeBytes + INTO_PAGE_BYTES).subarray(INTO_PAGE_BYTES);
}
