import { createHash as createNodeHash } from "node:crypto";
import type { CreateHash } from "../hash/digest-algorithm.js";

/** Hashes with the platform's OpenSSL. */
export const createHash: CreateHash = (algorithm) => {
  const hash = createNodeHash(algorithm.replace("_", "-"));
  return {
    update(bytes) {
      hash.update(bytes);
    },
    digest: () => new Uint8Array(hash.digest()),
  };
};
