import { createHash } from "#platform-hash";
import type { ReadOptions } from "../byte-source.js";
import type { SifDescriptor } from "../descriptor.js";
import type { DigestAlgorithm } from "../hash/digest-algorithm.js";
import { readChunks } from "../object-data.js";
import type { SifImage } from "../read-sif.js";

/**
 * Hashes objects of one image, in pieces and each at most once per algorithm, however many signatures
 * cover them.
 */
export interface ObjectHasher {
  /** Returns the digest of an object's data. */
  digest(descriptor: SifDescriptor, algorithm: DigestAlgorithm): Promise<Uint8Array>;
  /** Returns the digest of the data of several objects, one after the other. */
  digestAll(descriptors: readonly SifDescriptor[], algorithm: DigestAlgorithm): Promise<Uint8Array>;
}

/** Returns a hasher that reads from the image's own source. */
export function createObjectHasher(image: SifImage, options: ReadOptions): ObjectHasher {
  const known = new Map<string, Promise<Uint8Array>>();
  const digestAll: ObjectHasher["digestAll"] = async (descriptors, algorithm) => {
    const hash = createHash(algorithm);
    for (const descriptor of descriptors) {
      for await (const chunk of readChunks(image.source, descriptor, options)) hash.update(chunk);
    }
    return hash.digest();
  };
  const digestOne: ObjectHasher["digest"] = (descriptor, algorithm) =>
    image.source.digest?.(algorithm, descriptor, options) ?? digestAll([descriptor], algorithm);
  return {
    digestAll,
    digest(descriptor, algorithm) {
      const key = `${descriptor.index} ${algorithm}`;
      const digest = known.get(key) ?? digestOne(descriptor, algorithm);
      known.set(key, digest);
      return digest;
    },
  };
}
