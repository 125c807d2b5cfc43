import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createHash as createNodeHash } from "../node/platform-hash.js";
import type { DigestAlgorithm } from "./digest-algorithm.js";
import { digestBytes } from "./digest-algorithm.js";
import { createHash as createPortableHash } from "./platform-hash.js";

const ALGORITHMS: DigestAlgorithm[] = [
  "sha224",
  "sha256",
  "sha384",
  "sha512",
  "sha512_224",
  "sha512_256",
];

describe("createHash", () => {
  it.each(ALGORITHMS)("gives the same %s in Node's and in the portable version", (algorithm) => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 })), (chunks) => {
        const digests = [createNodeHash, createPortableHash].map((create) => {
          const hash = create(algorithm);
          for (const chunk of chunks) hash.update(chunk);
          return hash.digest();
        });
        expect(digests[0]).toEqual(digests[1]);
        expect(digests[0]).toHaveLength(digestBytes(algorithm));
      }),
      { numRuns: 50 },
    );
  });
});
