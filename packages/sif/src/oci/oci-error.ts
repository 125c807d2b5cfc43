/**
 * Why the OCI content of an image cannot be used.
 *
 * | code | meaning |
 * |---|---|
 * | `oci-not-found` | the image has no OCI root index |
 * | `oci-malformed` | an index or manifest is not what the OCI image specification says |
 * | `oci-too-large` | an index or manifest is too large, or they nest or number too much |
 * | `oci-blob-missing` | a blob that is referred to is not in the image |
 * | `oci-blob-corrupt` | a blob's size or digest is not what is said of it |
 */
export type OciSifErrorCode =
  | "oci-not-found"
  | "oci-malformed"
  | "oci-too-large"
  | "oci-blob-missing"
  | "oci-blob-corrupt";

const BRAND = Symbol.for("@sifshelf/sif/OciSifError");

/** OCI content that cannot be used; recognise it with {@link isOciSifError}. */
export class OciSifError extends Error {
  override readonly name = "OciSifError";
  readonly code: OciSifErrorCode;

  constructor(code: OciSifErrorCode, found: string, options?: ErrorOptions) {
    super(`cannot read oci content of image: ${found}`, options);
    this.code = code;
    Object.defineProperty(this, BRAND, { value: true });
  }
}

/** Tells whether a value is an {@link OciSifError}, also one from another copy of this package. */
export function isOciSifError(value: unknown): value is OciSifError {
  return value instanceof Error && BRAND in value;
}
