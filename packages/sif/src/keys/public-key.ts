import { hashBytes } from "../bytes/hash-data.js";
import { encodeBase64 } from "../bytes/text.js";
import {
  bitStringOf,
  childrenOf,
  contentOf,
  encodeDer,
  encodeUnsigned,
  DerError,
  DerTag,
  oidOf,
  parseDerSequence,
  unsignedOf,
} from "./der.js";
import { KeyError } from "./key-error.js";

/** A curve of ECDSA keys. */
export type EcdsaCurve = "P-256" | "P-384" | "P-521";

/** The kind of a public key. */
export type KeyKind =
  | { readonly name: "Ed25519" }
  | { readonly name: "RSA"; readonly bits: number }
  | { readonly name: "ECDSA"; readonly curve: EcdsaCurve };

/** A parsed public key. */
export interface PublicKeyInfo {
  readonly kind: KeyKind;
  /** The `SubjectPublicKeyInfo` in DER. */
  readonly spki: Uint8Array<ArrayBuffer>;
  /** OpenSSH's fingerprint of the key, `SHA256:` and base64, by which DSSE envelopes name keys. */
  readonly keyId: string;
}

const KEY_NAMES = new Map<string, KeyKind["name"]>([
  ["1.2.840.113549.1.1.1", "RSA"],
  ["1.2.840.10045.2.1", "ECDSA"],
  ["1.3.101.112", "Ed25519"],
]);

const CURVES = new Map<string, EcdsaCurve>([
  ["1.2.840.10045.3.1.7", "P-256"],
  ["1.3.132.0.34", "P-384"],
  ["1.3.132.0.35", "P-521"],
]);

/** Size of a coordinate of each curve, in bytes. */
export const CURVE_BYTES: Readonly<Record<EcdsaCurve, number>> = {
  "P-256": 32,
  "P-384": 48,
  "P-521": 66,
};

/** Weakest RSA key accepted (NIST SP 800-131A). */
const MIN_RSA_BITS = 2048;
/** Largest RSA key accepted: the time to verify grows with it. */
const MAX_RSA_BITS = 16_384;

/** The algorithm identifier `rsaEncryption` with its NULL parameters, in DER. */
export const RSA_ALGORITHM = new Uint8Array([
  0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
]);

/** The object identifier `id-ecPublicKey`, in DER. */
export const EC_OID = new Uint8Array([0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01]);

/** Converts a PKCS#1 `RSAPublicKey` to `SubjectPublicKeyInfo`. */
export function spkiFromPkcs1(pkcs1: Uint8Array): Uint8Array<ArrayBuffer> {
  const key = encodeDer(DerTag.bitString, new Uint8Array(1), pkcs1);
  return encodeDer(DerTag.sequence, RSA_ALGORITHM, key);
}

/**
 * Parses a `SubjectPublicKeyInfo`.
 *
 * @throws {KeyError} `key-malformed`, `key-unsupported`, `key-weak`
 */
export function parsePublicKey(spki: Uint8Array): PublicKeyInfo {
  try {
    const [algorithm, key] = parseDerSequence(spki);
    const [oid, parameters] = childrenOf(algorithm);
    const bits = bitStringOf(key);
    const name = keyNameOfOid(oidOf(oid));
    if (name === "RSA") return rsaKey(spki, bits);
    if (name === "ECDSA") return ecdsaKey(spki, bits, curveOfOid(oidOf(parameters)));
    return keyInfo(spki, { name }, [sshText("ssh-ed25519"), bits]);
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    throw new KeyError("key-malformed", "the public key is malformed", { cause: error });
  }
}

/**
 * Returns the kind of keys that an algorithm's object identifier names.
 *
 * @throws {KeyError} `key-unsupported`
 */
export function keyNameOfOid(oid: string): KeyKind["name"] {
  const name = KEY_NAMES.get(oid);
  if (name !== undefined) return name;
  throw new KeyError("key-unsupported", "the key is not Ed25519, ECDSA or RSA");
}

/**
 * Returns the curve that an object identifier names.
 *
 * @throws {KeyError} `key-unsupported`
 */
export function curveOfOid(oid: string): EcdsaCurve {
  const curve = CURVES.get(oid);
  if (curve !== undefined) return curve;
  throw new KeyError("key-unsupported", "the ECDSA key is not on P-256, P-384 or P-521");
}

function rsaKey(spki: Uint8Array, bits: Uint8Array): PublicKeyInfo {
  const [modulus, exponent] = parseDerSequence(bits);
  const size = bitLength(unsignedOf(modulus));
  if (size < MIN_RSA_BITS || size > MAX_RSA_BITS) {
    const found = `the RSA key has ${size} bits, accepted are ${MIN_RSA_BITS} to ${MAX_RSA_BITS}`;
    throw new KeyError("key-weak", found);
  }
  // OpenSSH encodes numbers as DER does: big-endian, with a zero before a set top bit.
  return keyInfo(spki, { name: "RSA", bits: size }, [
    sshText("ssh-rsa"),
    contentOf(exponent, DerTag.integer),
    contentOf(modulus, DerTag.integer),
  ]);
}

function ecdsaKey(spki: Uint8Array, point: Uint8Array, curve: EcdsaCurve): PublicKeyInfo {
  const name = `nistp${curve.slice(2)}`;
  return keyInfo(spki, { name: "ECDSA", curve }, [
    sshText(`ecdsa-sha2-${name}`),
    sshText(name),
    point,
  ]);
}

function keyInfo(spki: Uint8Array, kind: KeyKind, sshFields: readonly Uint8Array[]): PublicKeyInfo {
  const lengths = sshFields.map(({ length }) => {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, length);
    return bytes;
  });
  const wire = sshFields.flatMap((field, index) => [lengths[index] ?? field, field]);
  const digest = encodeBase64(hashBytes("sha256", ...wire)).replace(/=+$/, "");
  return { kind, spki: spki.slice(), keyId: `SHA256:${digest}` };
}

function sshText(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function bitLength(magnitude: Uint8Array): number {
  const top = magnitude[0] ?? 0;
  return magnitude.length * 8 - Math.clz32(top) + 24;
}

/**
 * Converts an ECDSA signature in DER to the two fixed-size numbers that WebCrypto takes. Returns
 * `null` if it is malformed.
 */
export function ecdsaSignatureFromDer(
  der: Uint8Array,
  curve: EcdsaCurve,
): Uint8Array<ArrayBuffer> | null {
  try {
    const numbers = parseDerSequence(der).map(unsignedOf);
    const size = CURVE_BYTES[curve];
    if (numbers.length !== 2 || numbers.some(({ length }) => length > size)) return null;
    const raw = new Uint8Array(2 * size);
    numbers.forEach((number, index) => raw.set(number, (index + 1) * size - number.length));
    return raw;
  } catch (error) {
    if (error instanceof DerError) return null;
    throw error;
  }
}

/** Converts WebCrypto's two fixed-size numbers to an ECDSA signature in DER. */
export function ecdsaSignatureToDer(raw: Uint8Array): Uint8Array<ArrayBuffer> {
  const half = raw.length / 2;
  return encodeDer(
    DerTag.sequence,
    encodeUnsigned(raw.subarray(0, half)),
    encodeUnsigned(raw.subarray(half)),
  );
}
