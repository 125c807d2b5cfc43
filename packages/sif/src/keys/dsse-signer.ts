import {
  childrenOf,
  DerError,
  DerTag,
  encodeDer,
  oidOf,
  parseDer,
  parseDerSequence,
} from "./der.js";
import { importAlgorithm, signatureAlgorithm } from "./dsse-verifier.js";
import { KeyError } from "./key-error.js";
import { parsePem, type PemBlock } from "./der.js";
import {
  curveOfOid,
  ecdsaSignatureToDer,
  keyNameOfOid,
  type KeyKind,
  parsePublicKey,
  RSA_ALGORITHM,
  EC_OID,
} from "./public-key.js";

/** A private key that makes DSSE signatures. */
export interface DsseSigner {
  /** OpenSSH's fingerprint of the public key: `SHA256:` and base64. */
  readonly keyId: string;
  sign(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>;
}

/**
 * Reads the private key in PEM text: `PRIVATE KEY` (PKCS#8), `RSA PRIVATE KEY` (PKCS#1) or `EC
 * PRIVATE KEY` (SEC 1). Accepts Ed25519, RSA of 2048 to 16,384 bits, and ECDSA on P-256, P-384 and
 * P-521.
 *
 * @throws {KeyError} `key-malformed`, `key-unsupported`, `key-weak`, `key-locked`
 */
export async function readSigningKey(pem: string): Promise<DsseSigner> {
  const pkcs8 = findPkcs8(parsePem(pem), pem);
  const kind = kindOfPkcs8(pkcs8);
  const key = await importPrivateKey(pkcs8, kind);
  const publicKey = parsePublicKey(await exportSpki(key, kind));
  return {
    keyId: publicKey.keyId,
    async sign(bytes) {
      const signature = await crypto.subtle.sign(signatureAlgorithm(kind), key, bytes);
      const raw = new Uint8Array(signature);
      return kind.name === "ECDSA" ? ecdsaSignatureToDer(raw) : raw;
    },
  };
}

const VERSION_0 = encodeDer(DerTag.integer, new Uint8Array(1));

function findPkcs8(blocks: readonly PemBlock[], pem: string): Uint8Array<ArrayBuffer> {
  for (const { label, bytes } of blocks) {
    if (label === "PRIVATE KEY") return bytes;
    if (label === "RSA PRIVATE KEY") return pkcs8From(RSA_ALGORITHM, bytes);
    if (label === "EC PRIVATE KEY") return pkcs8From(ecAlgorithm(bytes), bytes);
  }
  if (pem.includes("-----BEGIN ENCRYPTED PRIVATE KEY-----") || pem.includes("Proc-Type: 4,ENC")) {
    throw new KeyError("key-locked", "the private key is encrypted; decrypt it first");
  }
  throw new KeyError("key-malformed", "the text has no PEM block with a private key");
}

function pkcs8From(algorithm: Uint8Array, key: Uint8Array): Uint8Array<ArrayBuffer> {
  const octets = encodeDer(DerTag.octetString, key);
  return encodeDer(DerTag.sequence, VERSION_0, algorithm, octets);
}

/** SEC 1 keys name their curve inside the key, PKCS#8 outside. */
function ecAlgorithm(sec1: Uint8Array): Uint8Array {
  return orMalformed(() => {
    const parameters = parseDerSequence(sec1).find(({ tag }) => tag === 0xa0);
    const [curve] = parseDer(parameters?.content ?? new Uint8Array());
    if (curve === undefined) throw new DerError("the key does not name its curve");
    return encodeDer(DerTag.sequence, EC_OID, curve.bytes);
  });
}

function kindOfPkcs8(pkcs8: Uint8Array): KeyKind {
  return orMalformed(() => {
    const [, algorithm] = parseDerSequence(pkcs8);
    const [oid, parameters] = childrenOf(algorithm);
    const name = keyNameOfOid(oidOf(oid));
    if (name === "ECDSA") return { name, curve: curveOfOid(oidOf(parameters)) };
    return name === "RSA" ? { name, bits: 0 } : { name };
  });
}

function orMalformed<Value>(parse: () => Value): Value {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    throw new KeyError("key-malformed", "the private key is malformed", { cause: error });
  }
}

async function importPrivateKey(pkcs8: Uint8Array<ArrayBuffer>, kind: KeyKind): Promise<CryptoKey> {
  try {
    return await crypto.subtle.importKey("pkcs8", pkcs8, importAlgorithm(kind), true, ["sign"]);
  } catch (error) {
    throw new KeyError("key-malformed", `the ${kind.name} key is not valid`, { cause: error });
  }
}

/** WebCrypto derives a public key from a private one only through the key's JSON form. */
async function exportSpki(key: CryptoKey, kind: KeyKind): Promise<Uint8Array> {
  const { kty, crv, x, y, n, e } = await crypto.subtle.exportKey("jwk", key);
  const given = Object.entries({ kty, crv, x, y, n, e }).filter(([, value]) => value !== undefined);
  const jwk: JsonWebKey = Object.fromEntries(given);
  const algorithm = importAlgorithm(kind);
  const publicKey = await crypto.subtle.importKey("jwk", jwk, algorithm, true, ["verify"]);
  return new Uint8Array(await crypto.subtle.exportKey("spki", publicKey));
}
