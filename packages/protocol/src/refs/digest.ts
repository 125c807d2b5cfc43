import { type ImageHash, parseImageHash } from "./image-hash.js";
import { RefError } from "./ref-error.js";

/**
 * The SHA-256 of some bytes in content form: `sha256:` and 64 lower-case hex digits. Made by {@link
 * parseDigest}.
 */
export type Digest = string & { readonly __brand: "Digest" };

const DIGEST = /^sha256:[a-f0-9]{64}$/;
const DIGEST_PREFIX = "sha256:";
const HASH_PREFIX = "sha256.";

/** Whether `text` is a digest. */
export function isDigest(text: string): text is Digest {
  return DIGEST.test(text);
}

/** Parses a digest. Throws {@link RefError} `digest-not-valid`. */
export function parseDigest(text: string): Digest {
  if (isDigest(text)) return text;
  throw new RefError(
    "digest-not-valid",
    { input: text, offset: 0, text },
    'is not a digest ("sha256:" and 64 lower-case hex digits)',
  );
}

/**
 * The digest of 64 lower-case hex digits. Throws {@link RefError} `digest-not-valid` on anything
 * else.
 */
export function digestOfSha256Hex(hex: string): Digest {
  return parseDigest(DIGEST_PREFIX + hex);
}

/** The 64 hex digits of a digest. */
export function sha256HexOfDigest(digest: Digest): string {
  return digest.slice(DIGEST_PREFIX.length);
}

/**
 * The digest that an image hash contains; undefined for the `sif.` form, which does not depend on
 * the bytes.
 */
export function digestOfImageHash(hash: ImageHash): Digest | undefined {
  if (!hash.startsWith(HASH_PREFIX)) return undefined;
  return digestOfSha256Hex(hash.slice(HASH_PREFIX.length));
}

/** The image hash in the `sha256.` form of bytes with this digest. */
export function imageHashOfDigest(digest: Digest): ImageHash {
  return parseImageHash(HASH_PREFIX + sha256HexOfDigest(digest));
}
