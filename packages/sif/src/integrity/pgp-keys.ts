import type { ClearSignedMessage } from "./clear-sign.js";

/** The signer of a PGP signature that verified. */
export interface PgpSigner {
  /** Fingerprint of the signer's primary key, in lower-case hex. */
  readonly fingerprint: string;
  /** Id of the key or subkey that made the signature, 16 lower-case hex digits. */
  readonly keyId: string;
  /** User ids of the primary key. Untrusted text. */
  readonly userIds: readonly string[];
}

/** PGP keys that verify clear-signed messages. `readPgpKeys` of `@sifshelf/sif/pgp` creates one. */
export interface PgpKeyring {
  /**
   * Verifies a message and returns its signer.
   *
   * @param at the time at which the key and the signature must be valid
   * @throws {SifIntegrityError} `unknown-issuer`, `key-expired`, `hash-unsupported`,
   *   `signature-invalid`
   */
  verify(message: ClearSignedMessage, at: Date): Promise<PgpSigner>;
}

/** A PGP key that signs. `readPgpSigningKey` of `@sifshelf/sif/pgp` creates one. */
export interface PgpSigningKey {
  /** Fingerprint of the primary key, 40 lower-case hex digits. */
  readonly fingerprint: string;
  /** Returns a clear-signed message around a text, and the hash type for its descriptor. */
  sign(text: string, at: Date): Promise<{ readonly message: string; readonly hashType: number }>;
}
