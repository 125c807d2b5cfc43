import type { ClearSignedMessage } from "./clear-sign.js";

/** Who made a PGP signature that verified. */
export interface PgpSigner {
  /** Fingerprint of the signer's primary key, lower-case hex. */
  readonly fingerprint: string;
  /** Id of the key or subkey that made the signature, 16 lower-case hex digits. */
  readonly keyId: string;
  /** User ids of the primary key: untrusted text. */
  readonly userIds: readonly string[];
}

/** PGP keys that check clear-signed messages; made by `readPgpKeys` of `@sifshelf/sif/pgp`. */
export interface PgpKeyring {
  /**
   * Returns who signed the message.
   *
   * @param at the time at which key and signature must be valid
   * @throws {SifIntegrityError} `unknown-issuer`, `key-expired`, `hash-unsupported`,
   *   `signature-invalid`
   */
  verify(message: ClearSignedMessage, at: Date): Promise<PgpSigner>;
}

/** A PGP key that signs; made by `readPgpSigningKey` of `@sifshelf/sif/pgp`. */
export interface PgpSigningKey {
  /** Fingerprint of the primary key, 40 lower-case hex digits. */
  readonly fingerprint: string;
  /** Returns a clear-signed message around a text, and the hash type its descriptor has. */
  sign(text: string, at: Date): Promise<{ readonly message: string; readonly hashType: number }>;
}
