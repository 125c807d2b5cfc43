/** What `sifshelf sign --json` prints. */
export interface SignJson {
  readonly ok: true;
  /** The file as it was typed. */
  readonly path: string;
  /** The signatures that were added. */
  readonly signatures: readonly NewSignatureJson[];
}

/** A signature that was added. */
export interface NewSignatureJson {
  /** Id of the signature object. */
  readonly signatureId: number;
  /** Group that it covers, whole or in part. */
  readonly group: number;
  /** Fingerprint of the PGP key; `null` for keys in PEM. */
  readonly fingerprint: string | null;
}
