import { createHash } from "#platform-hash";
import type { ByteSource, ReadOptions } from "./byte-source.js";
import type { DigestAlgorithm } from "./digest-algorithm.js";
import { readChunks } from "./read-chunks.js";

/** Returns the digest of bytes in memory, concatenated. */
export function hashBytes(
  algorithm: DigestAlgorithm,
  ...chunks: readonly Uint8Array[]
): Uint8Array {
  const hash = createHash(algorithm);
  for (const chunk of chunks) hash.update(chunk);
  return hash.digest();
}

/**
 * Returns the digest of ranges of a source, concatenated. Reads in chunks, so memory use does not
 * grow with the ranges.
 *
 * @throws what the source throws, and `signal.reason` after an abort
 */
export async function hashRanges(
  source: ByteSource,
  ranges: readonly { readonly offset: number; readonly size: number }[],
  algorithm: DigestAlgorithm,
  options: ReadOptions = {},
): Promise<Uint8Array> {
  const hash = createHash(algorithm);
  for (const range of ranges) {
    for await (const chunk of readChunks(source, range, options)) hash.update(chunk);
  }
  return hash.digest();
}
