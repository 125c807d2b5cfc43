/** A PGP key that signs; made by `readPgpSigningKey` of `@sifshelf/sif/pgp`. */
export interface PgpSigningKey {
  /** Fingerprint of the primary key, 40 lower-case hex digits. */
  readonly fingerprint: string;
  /** Returns a clear-signed message around a text, and the hash type its descriptor has. */
  sign(text: string, at: Date): Promise<{ readonly message: string; readonly hashType: number }>;
}

/** A private key that makes DSSE signatures. */
export interface DsseSigner {
  /** OpenSSH's fingerprint of the public key, `SHA256:` and base64. */
  readonly keyId: string;
  sign(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>;
}
