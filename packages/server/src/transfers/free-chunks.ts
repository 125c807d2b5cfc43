import { freeMemory } from "../blobs/free-memory.js";

/** Smaller chunks may lie in memory that Node shares, and are not worth freeing. */
const MIN_BYTES = 16 * 1024;

/**
 * Frees the memory of received chunks at once; those that own their memory are empty afterwards.
 */
export function freeChunks(chunks: readonly Buffer[]): void {
  const memory: ArrayBuffer[] = [];
  for (const { buffer, length } of chunks) {
    const isWhole = length === buffer.byteLength && length >= MIN_BYTES;
    if (isWhole && buffer instanceof ArrayBuffer) memory.push(buffer);
  }
  if (memory.length > 0) freeMemory(memory);
}
