import { sha224, sha256, sha384, sha512, sha512_224, sha512_256 } from "@noble/hashes/sha2.js";
import type { CreateHash } from "./digest-algorithm.js";

const HASHES = { sha224, sha256, sha384, sha512, sha512_224, sha512_256 } as const;

/**
 * Hashes in plain JavaScript. WebCrypto takes its whole input at once, which rules it out for
 * images of gigabytes. In Node, the package's `imports` choose `node/platform-hash.ts` instead.
 */
export const createHash: CreateHash = (algorithm) => {
  const hash = HASHES[algorithm].create();
  return {
    update(bytes) {
      hash.update(bytes);
    },
    digest: () => hash.digest(),
  };
};
