import { sha256 } from "@noble/hashes/sha2.js";

import { platformModule } from "../platform/platform.js";

/** An incremental SHA-256. */
export interface Sha256 {
  readonly update: (bytes: Uint8Array) => void;
  /** Lower-case hex. Ends the hash. */
  readonly digestHex: () => string;
}

/**
 * Starts a SHA-256: the platform's own where it is incremental, which is about five times as fast,
 * else one in JavaScript.
 */
export function createSha256(): Sha256 {
  const crypto = platformModule("node:crypto");
  if (crypto === undefined) return createPortableSha256();
  const hash = crypto.createHash("sha256");
  return { update: (bytes) => void hash.update(bytes), digestHex: () => hash.digest("hex") };
}

/** Starts a SHA-256 in JavaScript, for platforms without their own. */
export function createPortableSha256(): Sha256 {
  const hash = sha256.create();
  return {
    update: (bytes) => void hash.update(bytes),
    digestHex: () =>
      Array.from(hash.digest(), (byte) => byte.toString(16).padStart(2, "0")).join(""),
  };
}
