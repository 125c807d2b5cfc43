/**
 * Why an image was not written or changed.
 *
 * | code | meaning |
 * |---|---|
 * | `capacity-exhausted` | every descriptor record is in use |
 * | `capacity-unsupported` | a table size that readers would reject |
 * | `primary-exists` | the image has a primary partition already |
 * | `root-index-exists` | the image has an OCI root index already |
 * | `name-too-long` | an object name of more than 128 bytes |
 * | `metadata-too-long` | more than 384 bytes of metadata |
 * | `metadata-mismatch` | metadata of another data type, or malformed |
 * | `launch-script-too-long` | a launch script of more than 31 bytes |
 * | `unknown-arch` | an architecture that the format cannot express |
 * | `bad-id` | an invalid UUID, group, link, time or alignment |
 * | `too-large` | an image beyond 2^53 bytes |
 * | `object-not-found` | no object was selected |
 * | `not-a-partition`, `not-a-system-partition` | an object that cannot become primary |
 * | `store-not-empty` | the store for a new image is not empty |
 * | `contradictory-options` | options that exclude each other |
 * | `nothing-to-sign`, `key-material-missing` | nothing to sign, or no key to sign with |
 */
export type SifWriteErrorCode =
  | "capacity-exhausted"
  | "capacity-unsupported"
  | "primary-exists"
  | "root-index-exists"
  | "name-too-long"
  | "metadata-too-long"
  | "metadata-mismatch"
  | "launch-script-too-long"
  | "unknown-arch"
  | "bad-id"
  | "too-large"
  | "object-not-found"
  | "not-a-partition"
  | "not-a-system-partition"
  | "store-not-empty"
  | "contradictory-options"
  | "nothing-to-sign"
  | "key-material-missing";

const BRAND = Symbol.for("@sifshelf/sif/SifWriteError");

/** A failed write or change of an image. Recognise it with {@link isSifWriteError}. */
export class SifWriteError extends Error {
  override readonly name = "SifWriteError";
  readonly code: SifWriteErrorCode;

  constructor(code: SifWriteErrorCode, found: string) {
    super(`cannot write image: ${found}`);
    this.code = code;
    Object.defineProperty(this, BRAND, { value: true });
  }
}

/**
 * Reports whether a value is a {@link SifWriteError}, including one from another copy of this
 * package.
 */
export function isSifWriteError(value: unknown): value is SifWriteError {
  return value instanceof Error && BRAND in value;
}
