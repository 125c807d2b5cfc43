import { type DigestAlgorithm, digestBytes, isDigestAlgorithm } from "../bytes/digest-algorithm.js";
import { toHex } from "../bytes/text.js";
import { invalidSignature, SifIntegrityError } from "./integrity-error.js";

/** A digest inside a signature. */
export interface SifDigest {
  readonly algorithm: DigestAlgorithm;
  /** Lower-case hexadecimal digits. */
  readonly hex: string;
}

/**
 * Parses a digest, for example `sha256:` and 64 hexadecimal digits.
 *
 * @throws {SifIntegrityError} `hash-unsupported`, `signature-invalid`
 */
export function parseDigest(value: unknown): SifDigest {
  if (typeof value !== "string") throw invalidSignature("a signed digest is not a string");
  const [algorithm = "", hex = "", ...rest] = value.split(":");
  if (rest.length > 0 || !/^[0-9a-fA-F]+$/.test(hex)) {
    throw invalidSignature("a signed digest is not of the form algorithm:hex");
  }
  if (!isDigestAlgorithm(algorithm)) {
    throw new SifIntegrityError({
      code: "hash-unsupported",
      found: "a signed digest has an algorithm that is not accepted",
    });
  }
  if (hex.length !== 2 * digestBytes(algorithm)) {
    throw invalidSignature(`a signed ${algorithm} digest has ${hex.length} digits`);
  }
  return { algorithm, hex: hex.toLowerCase() };
}

/** Formats a digest as signatures spell it. */
export function formatDigest({ algorithm, hex }: SifDigest): string {
  return `${algorithm}:${hex}`;
}

/** Reports whether computed bytes equal a digest. */
export function digestEquals(digest: SifDigest, computed: Uint8Array): boolean {
  return digest.hex === toHex(computed);
}
