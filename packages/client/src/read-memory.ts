/**
 * How far into a page memory begins that the system copies to. Large memory begins 16 bytes into one, and AMD's Zen 3 and 4
 * processors copy whole pages to such places four times as slowly as to any other: their `rep movsb` takes source and target for
 * the same. What comes from the page cache, or over loopback, is whole pages.
 */
export const INTO_PAGE_BYTES = 2048;

/** Memory of so many bytes for the system to copy to. */
export function readMemory(sizeBytes: number): Uint8Array {
  return new Uint8Array(sizeBytes + INTO_PAGE_BYTES).subarray(INTO_PAGE_BYTES);
}
