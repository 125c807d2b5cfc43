import { createHash as createNodeHash } from "node:crypto";
import type { CreateHash, DigestAlgorithm } from "../bytes/digest-algorithm.js";

/** Returns the name of an algorithm in `node:crypto`. */
export function nodeHashName(algorithm: DigestAlgorithm): string {
  return algorithm.replace("_", "-");
}

/**
 * Hashes with Node's OpenSSL. In browsers, the package's `imports` choose `bytes/platform-hash.ts`
 * instead.
 */
export const createHash: CreateHash = (algorithm) => {
  const hash = createNodeHash(nodeHashName(algorithm));
  return {
    update(bytes) {
      hash.update(bytes);
    },
    digest: () => new Uint8Array(hash.digest()),
  };
};
