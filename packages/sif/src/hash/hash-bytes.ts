import { createHash } from "#platform-hash";
import type { DigestAlgorithm } from "./digest-algorithm.js";

/** Returns the digest of bytes in memory. */
export function hashBytes(
  algorithm: DigestAlgorithm,
  ...pieces: readonly Uint8Array[]
): Uint8Array {
  const hash = createHash(algorithm);
  for (const piece of pieces) hash.update(piece);
  return hash.digest();
}
