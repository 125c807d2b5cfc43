/** Hash algorithms accepted in SIF signatures. MD5, SHA-1 and BLAKE2 are not. */
export type DigestAlgorithm =
  | "sha224"
  | "sha256"
  | "sha384"
  | "sha512"
  | "sha512_224"
  | "sha512_256";

const DIGEST_BYTES: Readonly<Record<DigestAlgorithm, number>> = {
  sha224: 28,
  sha256: 32,
  sha384: 48,
  sha512: 64,
  sha512_224: 28,
  sha512_256: 32,
};

/** Reports whether a name, spelt as in SIF digests, is that of an accepted algorithm. */
export function isDigestAlgorithm(name: string): name is DigestAlgorithm {
  return Object.hasOwn(DIGEST_BYTES, name);
}

/** Returns the length of an algorithm's digests, in bytes. */
export function digestBytes(algorithm: DigestAlgorithm): number {
  return DIGEST_BYTES[algorithm];
}

/** A hash that takes its input in chunks. */
export interface IncrementalHash {
  update(bytes: Uint8Array): void;
  /** Returns the digest. The hash must not be used afterwards. */
  digest(): Uint8Array;
}

/** Starts a hash. */
export type CreateHash = (algorithm: DigestAlgorithm) => IncrementalHash;
