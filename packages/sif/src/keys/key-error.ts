/** Why a key or certificate cannot be used. */
export type KeyErrorCode =
  | "key-malformed"
  | "key-unsupported"
  | "key-weak"
  | "key-locked"
  | "key-expired"
  | "certificate-malformed"
  | "certificate-untrusted";

const BRAND = Symbol.for("@sifshelf/sif/KeyError");

/** A key or certificate that cannot be used. Recognise it with {@link isKeyError}. */
export class KeyError extends Error {
  override readonly name = "KeyError";
  readonly code: KeyErrorCode;

  constructor(code: KeyErrorCode, found: string, options?: ErrorOptions) {
    super(`cannot use key: ${found}`, options);
    this.code = code;
    Object.defineProperty(this, BRAND, { value: true });
  }
}

/**
 * Reports whether a value is a {@link KeyError}, including one from another copy of this package.
 */
export function isKeyError(value: unknown): value is KeyError {
  return value instanceof Error && BRAND in value;
}
