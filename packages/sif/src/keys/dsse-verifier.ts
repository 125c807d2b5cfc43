import { KeyError } from "./key-error.js";
import { parsePem } from "./der.js";
import {
  ecdsaSignatureFromDer,
  type KeyKind,
  parsePublicKey,
  type PublicKeyInfo,
  spkiFromPkcs1,
} from "./public-key.js";

/** A public key that verifies DSSE signatures. */
export interface DsseVerifier {
  /** OpenSSH's fingerprint of the key: `SHA256:` and base64. */
  readonly keyId: string;
  /** `Ed25519`, `RSA` or `ECDSA`. */
  readonly algorithm: KeyKind["name"];
  /** Reports whether this is the key's signature of these bytes. */
  verify(signed: Uint8Array<ArrayBuffer>, signature: Uint8Array<ArrayBuffer>): Promise<boolean>;
}

/**
 * Reads the public keys in PEM text: the blocks `PUBLIC KEY` (any kind) and `RSA PUBLIC KEY`
 * (PKCS#1).
 *
 * @throws {KeyError} `key-malformed`, also if there is no such block; `key-unsupported`; `key-weak`
 */
export async function readPublicKeys(pem: string): Promise<DsseVerifier[]> {
  const keys = parsePem(pem).flatMap(({ label, bytes }) => {
    if (label === "PUBLIC KEY") return [bytes];
    return label === "RSA PUBLIC KEY" ? [spkiFromPkcs1(bytes)] : [];
  });
  if (keys.length === 0) {
    throw new KeyError("key-malformed", "the text has no PEM block PUBLIC KEY or RSA PUBLIC KEY");
  }
  return Promise.all(keys.map((spki) => createDsseVerifier(parsePublicKey(spki))));
}

/** Returns a verifier for a public key. */
export async function createDsseVerifier(info: PublicKeyInfo): Promise<DsseVerifier> {
  const key = await importKey(info);
  const { kind } = info;
  return {
    keyId: info.keyId,
    algorithm: kind.name,
    async verify(signed, signature) {
      const raw = kind.name === "ECDSA" ? ecdsaSignatureFromDer(signature, kind.curve) : signature;
      if (raw === null) return false;
      return crypto.subtle.verify(signatureAlgorithm(kind), key, raw, signed);
    },
  };
}

/**
 * Returns WebCrypto's name of the signature algorithm of a kind of keys: with SHA-256, except for
 * Ed25519.
 */
export function signatureAlgorithm({ name }: KeyKind): EcdsaParams | Algorithm {
  if (name === "ECDSA") return { name, hash: "SHA-256" };
  return { name: name === "RSA" ? RSA_PKCS1 : name };
}

/** Returns WebCrypto's name of the algorithm under which a kind of keys is imported. */
export function importAlgorithm(
  kind: KeyKind,
): RsaHashedImportParams | EcKeyImportParams | Algorithm {
  if (kind.name === "RSA") return { name: RSA_PKCS1, hash: "SHA-256" };
  return kind.name === "ECDSA" ? { name: kind.name, namedCurve: kind.curve } : { name: kind.name };
}

const RSA_PKCS1 = "RSASSA-PKCS1-v1_5";

async function importKey({ kind, spki }: PublicKeyInfo): Promise<CryptoKey> {
  try {
    return await crypto.subtle.importKey("spki", spki, importAlgorithm(kind), false, ["verify"]);
  } catch (error) {
    throw new KeyError("key-malformed", `the ${kind.name} key is not valid`, { cause: error });
  }
}
