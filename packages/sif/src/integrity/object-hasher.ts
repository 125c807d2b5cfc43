import type { ReadOptions } from "../bytes/byte-source.js";
import type { SifDescriptor } from "../format/descriptor.js";
import type { DigestAlgorithm } from "../bytes/digest-algorithm.js";
import { hashRanges } from "../bytes/hash-data.js";
import type { SifImage } from "../format/read-sif.js";

/**
 * Hashes the objects of an image: in chunks, and each at most once per algorithm, however many
 * signatures cover it.
 */
export interface ObjectHasher {
  /** Returns the digest of an object's data. */
  digest(descriptor: SifDescriptor, algorithm: DigestAlgorithm): Promise<Uint8Array>;
  /** Returns the digest of the concatenated data of several objects. */
  digestAll(descriptors: readonly SifDescriptor[], algorithm: DigestAlgorithm): Promise<Uint8Array>;
}

/** Returns a hasher that reads from the image's own source. */
export function createObjectHasher(image: SifImage, options: ReadOptions): ObjectHasher {
  const known = new Map<string, Promise<Uint8Array>>();
  const digestAll: ObjectHasher["digestAll"] = (descriptors, algorithm) =>
    hashRanges(image.source, descriptors, algorithm, options);
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
