/**
 * Why an image was not written or changed.
 *
 * | code | meaning |
 * |---|---|
 * | `capacity-exhausted` | every descriptor record is in use |
 * | `capacity-unsupported` | a table size that readers would refuse |
 * | `primary-exists` | the image has a primary partition already |
 * | `root-index-exists` | the image has an OCI root index already |
 * | `name-too-long` | an object name of more than 128 bytes |
 * | `metadata-too-long` | more than 384 bytes of metadata |
 * | `metadata-mismatch` | metadata of another data type, or malformed |
 * | `launch-script-too-long` | a launch script of more than 31 bytes |
 * | `unknown-arch` | an architecture that the format cannot name |
 * | `bad-id` | a UUID, group, link or alignment that is not valid |
 * | `too-large` | an image beyond 2^53 bytes |
 * | `object-not-found` | no object was selected |
 * | `not-a-partition`, `not-a-system-partition` | an object that cannot become primary |
 * | `store-not-empty` | an image can only be created in an empty store |
 * | `contradictory-options` | options of which each forbids the other |
 * | `nothing-to-sign`, `key-material-missing` | a signature of nothing, or by nobody |
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

/** An image that was not written or changed; recognise it with {@link isSifWriteError}. */
export class SifWriteError extends Error {
  override readonly name = "SifWriteError";
  readonly code: SifWriteErrorCode;

  constructor(code: SifWriteErrorCode, found: string) {
    super(`cannot write image: ${found}`);
    this.code = code;
    Object.defineProperty(this, BRAND, { value: true });
  }
}

/** Tells whether a value is a {@link SifWriteError}, also one from another copy of this package. */
export function isSifWriteError(value: unknown): value is SifWriteError {
  return value instanceof Error && BRAND in value;
}
