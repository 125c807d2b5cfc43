import {
  createCleartextMessage,
  decryptKey,
  enums,
  type PrivateKey,
  readSignature,
  sign,
} from "openpgp";
import { decodeClearSigned } from "../integrity/clear-sign.js";
import { KeyError } from "../keys/key-error.js";
import type { PgpSigningKey } from "../integrity/pgp-keys.js";
import { SifHashType } from "../format/metadata.js";
import { readKeyInputs } from "./read-pgp-keys.js";

/** Options of {@link readPgpSigningKey}. */
export interface PgpSigningKeyOptions {
  /** Unlocks a protected key. */
  readonly passphrase?: string;
  /**
   * Leaves out the random salt, so the same image, key and time give the same signature, provided
   * that the key's algorithm is deterministic. Default `false`.
   */
  readonly deterministic?: boolean;
}

/**
 * Reads a PGP private key, armored or binary. Signatures use the hash that the key prefers,
 * otherwise SHA-256.
 *
 * @throws {KeyError} `key-malformed`; `key-locked` without the right passphrase; `key-unsupported`
 *   for keys of version 6, whose fingerprints do not fit into a SIF descriptor
 */
export async function readPgpSigningKey(
  input: string | Uint8Array,
  options: PgpSigningKeyOptions = {},
): Promise<PgpSigningKey> {
  const keys = await readKeyInputs([input]);
  const privateKey = keys.find((key): key is PrivateKey => key.isPrivate());
  if (privateKey === undefined) {
    throw new KeyError("key-malformed", "the input holds no private PGP key");
  }
  const fingerprint = privateKey.getFingerprint();
  if (fingerprint.length !== 40) {
    throw new KeyError("key-unsupported", "the PGP key does not have version 4");
  }
  const unlocked = await unlockKey(privateKey, options.passphrase);
  return {
    fingerprint,
    sign: (text, at) => signText(unlocked, { text, at, isSalted: options.deterministic !== true }),
  };
}

async function unlockKey(privateKey: PrivateKey, passphrase?: string): Promise<PrivateKey> {
  if (privateKey.isDecrypted()) return privateKey;
  if (passphrase === undefined) throw new KeyError("key-locked", "the PGP key needs a passphrase");
  try {
    return await decryptKey({ privateKey, passphrase });
  } catch (error) {
    throw new KeyError("key-locked", "the passphrase does not unlock the PGP key", {
      cause: error,
    });
  }
}

// Hash types of signature descriptors, by OpenPGP's hash algorithms.
const HASH_TYPES = new Map<number, number>([
  [enums.hash.sha256, SifHashType.sha256],
  [enums.hash.sha384, SifHashType.sha384],
  [enums.hash.sha512, SifHashType.sha512],
]);

interface TextToSign {
  readonly text: string;
  readonly at: Date;
  readonly isSalted: boolean;
}

async function signText(
  signingKeys: PrivateKey,
  text: TextToSign,
): Promise<{ message: string; hashType: number }> {
  const message = await clearSign(signingKeys, text);
  const { packets } = await readSignature({
    armoredSignature: decodeClearSigned(message)?.signature ?? "",
  });
  const hashType = HASH_TYPES.get(packets[0]?.hashAlgorithm ?? 0);
  if (hashType === undefined) {
    throw new KeyError(
      "key-unsupported",
      "the PGP key signs with a hash that SIF does not support",
    );
  }
  return { message, hashType };
}

async function clearSign(
  signingKeys: PrivateKey,
  { text, at, isSalted }: TextToSign,
): Promise<string> {
  try {
    return await sign({
      message: await createCleartextMessage({ text }),
      signingKeys,
      date: at,
      config: {
        preferredHashAlgorithm: enums.hash.sha256,
        nonDeterministicSignaturesViaNotation: isSalted,
      },
    });
  } catch (error) {
    const expiry = await signingKeys.getExpirationTime();
    const isExpired = expiry !== null && expiry <= at;
    const found = "the PGP key is expired, revoked or not meant for signing";
    throw new KeyError(isExpired ? "key-expired" : "key-unsupported", found, { cause: error });
  }
}
