import { createHash as createNodeHash } from "node:crypto";
import type { CreateHash, DigestAlgorithm } from "../bytes/digest-algorithm.js";

/** Returns what `node:crypto` calls an algorithm. */
export function nodeHashName(algorithm: DigestAlgorithm): string {
  return algorithm.replace("_", "-");
}

/** Hashes with the platform's OpenSSL. */
export const createHash: CreateHash = (algorithm) => {
  const hash = createNodeHash(nodeHashName(algorithm));
  return {
    update(bytes) {
      hash.update(bytes);
    },
    digest: () => new Uint8Array(hash.digest()),
  };
};
