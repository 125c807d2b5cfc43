/**
 * Why an image, or a part of it, did not verify.
 *
 * | code | meaning |
 * |---|---|
 * | `signature-not-found` | no signature of the wanted kind covers the group or object |
 * | `signature-invalid` | the envelope, its signature or what it says is not valid |
 * | `signature-unrecognized` | the signature object is neither of the known envelopes |
 * | `unknown-issuer` | none of the given PGP keys made the signature |
 * | `key-expired` | the PGP key or the signature has expired |
 * | `key-material-missing` | the signature is of a kind for which no key was given |
 * | `fingerprint-mismatch` | the descriptor names another PGP key than the one that signed |
 * | `hash-unsupported` | a hash algorithm is not on the allow-list |
 * | `header-integrity` | launch script, version or UUID changed after signing |
 * | `descriptor-integrity` | an object's descriptor changed after signing |
 * | `object-integrity` | an object's data changed after signing |
 * | `object-not-signed` | an object of the group is not covered by its signature |
 * | `signed-object-not-found` | an object that was signed is gone |
 * | `signature-not-associated` | an object that is not a signature belongs to no group |
 * | `no-objects`, `no-groups` | there is nothing to verify |
 * | `object-not-found`, `group-not-found` | the asked-for object or group does not exist |
 * | `too-many-signatures` | more signature objects, or bytes of them, than anyone needs |
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

/** What a verification failure is about. */
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

/** An image did not verify; recognise it with {@link isSifIntegrityError}. */
export class SifIntegrityError extends Error {
  override readonly name = "SifIntegrityError";
  readonly code: SifIntegrityErrorCode;
  /** The object that failed; `null` when the failure is not about one. */
  readonly objectId: number | null;
  /** The group that failed; `null` when the failure is not about one. */
  readonly groupId: number | null;
  /** The signature object that was being checked; `null` before any was found. */
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

/** Tells whether a value is a {@link SifIntegrityError}, also of another copy of this package. */
export function isSifIntegrityError(value: unknown): value is SifIntegrityError {
  return value instanceof Error && BRAND in value;
}

/** Returns the error for a signature whose envelope or content is not valid. */
export function invalidSignature(found: string, cause?: unknown): SifIntegrityError {
  return new SifIntegrityError({ code: "signature-invalid", found, cause });
}
