/**
 * Why the OCI content of an image cannot be used.
 *
 * | code | meaning |
 * |---|---|
 * | `oci-not-found` | the image has no OCI root index |
 * | `oci-malformed` | an index or manifest violates the OCI image specification |
 * | `oci-too-large` | an index or manifest is too large, they nest too deeply, or there are too many |
 * | `oci-blob-missing` | a referenced blob is not in the image |
 * | `oci-blob-corrupt` | a blob's size or digest differs from the reference to it |
 */
export type OciSifErrorCode =
  | "oci-not-found"
  | "oci-malformed"
  | "oci-too-large"
  | "oci-blob-missing"
  | "oci-blob-corrupt";

const BRAND = Symbol.for("@sifshelf/sif/OciSifError");

/** OCI content that cannot be used. Recognise it with {@link isOciSifError}. */
export class OciSifError extends Error {
  override readonly name = "OciSifError";
  readonly code: OciSifErrorCode;

  constructor(code: OciSifErrorCode, found: string, options?: ErrorOptions) {
    super(`cannot read OCI content of image: ${found}`, options);
    this.code = code;
    Object.defineProperty(this, BRAND, { value: true });
  }
}

/**
 * Reports whether a value is an {@link OciSifError}, including one from another copy of this
 * package.
 */
export function isOciSifError(value: unknown): value is OciSifError {
  return value instanceof Error && BRAND in value;
}
