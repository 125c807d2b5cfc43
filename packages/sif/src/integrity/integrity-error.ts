/**
 * Why an image did not verify, as a whole or in part.
 *
 * | code | meaning |
 * |---|---|
 * | `signature-not-found` | no signature of the wanted kind covers the group or object |
 * | `signature-invalid` | the envelope, its signature or its content is not valid |
 * | `signature-unrecognized` | the signature object holds no known envelope |
 * | `unknown-issuer` | none of the given PGP keys made the signature |
 * | `key-expired` | the PGP key or the signature has expired |
 * | `key-material-missing` | no key was given for this kind of signature |
 * | `fingerprint-mismatch` | the descriptor names another PGP key than the one that signed |
 * | `hash-unsupported` | a hash algorithm is not on the allow-list |
 * | `header-integrity` | launch script, version or UUID changed after signing |
 * | `descriptor-integrity` | an object's descriptor changed after signing |
 * | `object-integrity` | an object's data changed after signing |
 * | `object-not-signed` | an object of the group is not covered by its signature |
 * | `signed-object-not-found` | an object that was signed is missing |
 * | `signature-not-associated` | an object that is not a signature belongs to no group |
 * | `no-objects`, `no-groups` | there is nothing to verify |
 * | `object-not-found`, `group-not-found` | the requested object or group does not exist |
 * | `too-many-signatures` | more signature objects, or bytes in them, than accepted |
 */
export type SifIntegrityErrorCode =
  | "signature-not-found"
  | "signature-invalid"
  | "signature-unrecognized"
  | "unknown-issuer"
  | "key-expired"
  | "key-material-missing"
  | "fingerprint-mismatch"
  | "hash-unsupported"
  | "header-integrity"
  | "descriptor-integrity"
  | "object-integrity"
  | "object-not-signed"
  | "signed-object-not-found"
  | "signature-not-associated"
  | "no-objects"
  | "no-groups"
  | "object-not-found"
  | "group-not-found"
  | "too-many-signatures";

/** Describes a failed verification. */
export interface SifIntegrityFailure {
  readonly code: SifIntegrityErrorCode;
  /** What was checked and what was found. */
  readonly found: string;
  /** The object that failed. */
  readonly objectId?: number | undefined;
  /** The group that failed. */
  readonly groupId?: number | undefined;
  /** The signature object that was being checked. */
  readonly signatureId?: number | undefined;
  readonly cause?: unknown;
}

const BRAND = Symbol.for("@sifshelf/sif/SifIntegrityError");

/** An image that did not verify. Recognise the error with {@link isSifIntegrityError}. */
export class SifIntegrityError extends Error {
  override readonly name = "SifIntegrityError";
  readonly code: SifIntegrityErrorCode;
  /** The object that failed, or `null` if the failure is not about one. */
  readonly objectId: number | null;
  /** The group that failed, or `null` if the failure is not about one. */
  readonly groupId: number | null;
  /** The signature object that was being checked, or `null` if none was. */
  readonly signatureId: number | null;

  constructor(failure: SifIntegrityFailure) {
    super(`cannot verify image: ${failure.found}`, { cause: failure.cause });
    this.code = failure.code;
    this.objectId = failure.objectId ?? null;
    this.groupId = failure.groupId ?? null;
    this.signatureId = failure.signatureId ?? null;
    Object.defineProperty(this, BRAND, { value: true });
  }
}

/**
 * Reports whether a value is a {@link SifIntegrityError}, including one from another copy of this
 * package.
 */
export function isSifIntegrityError(value: unknown): value is SifIntegrityError {
  return value instanceof Error && BRAND in value;
}

/** Creates the error for a signature whose envelope or content is not valid. */
export function invalidSignature(found: string, cause?: unknown): SifIntegrityError {
  return new SifIntegrityError({ code: "signature-invalid", found, cause });
}
