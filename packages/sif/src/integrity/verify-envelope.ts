import type { ClearSignedMessage } from "./clear-sign.js";
import type { DsseEnvelope } from "./dsse-envelope.js";
import { preAuthEncoding } from "./dsse-envelope.js";
import type { DsseVerifier } from "../keys/dsse-verifier.js";
import { invalidSignature, SifIntegrityError } from "./integrity-error.js";
import type { PgpKeyring, PgpSigner } from "./pgp-keys.js";
import type { SignatureObject } from "./signature-object.js";

/** The keys that a verification trusts. */
export interface TrustedKeys {
  /** For PGP clear-signed signatures, current and legacy. */
  readonly pgp?: PgpKeyring | undefined;
  /** For DSSE signatures. One valid signature by one of them is enough. */
  readonly keys?: readonly DsseVerifier[] | undefined;
}

/** The signer of a signature that verified. */
export type SifSigner =
  | ({ readonly kind: "pgp" } & PgpSigner)
  | {
      readonly kind: "dsse";
      /** The keys whose signatures verified, as OpenSSH fingerprints. */
      readonly keyIds: readonly string[];
    };

/** The signed text of an envelope that verified. */
export interface VerifiedText {
  readonly text: string;
  readonly signer: SifSigner;
}

/**
 * Verifies a signature object's envelope and returns the signed text.
 *
 * @throws {SifIntegrityError} if it does not verify
 */
export async function verifyEnvelope(
  { envelope }: SignatureObject,
  trusted: TrustedKeys,
  at: Date,
): Promise<VerifiedText> {
  if (envelope.kind === "dsse") return verifyDsse(envelope.envelope, trusted.keys ?? []);
  if (envelope.kind !== "unrecognized") return verifyPgp(envelope.message, trusted.pgp, at);
  throw new SifIntegrityError({
    code: "signature-unrecognized",
    found: "the signature is neither a clear-signed message nor a DSSE envelope",
  });
}

async function verifyPgp(
  message: ClearSignedMessage,
  pgp: PgpKeyring | undefined,
  at: Date,
): Promise<VerifiedText> {
  if (pgp === undefined) throw missingKeys("PGP");
  const signer = await pgp.verify(message, at);
  if (message.isSurrounded) {
    throw invalidSignature("there is data around the clear-signed message");
  }
  return { text: message.text, signer: { kind: "pgp", ...signer } };
}

async function verifyDsse(
  envelope: DsseEnvelope | null,
  keys: readonly DsseVerifier[],
): Promise<VerifiedText> {
  if (keys.length === 0) throw missingKeys("DSSE");
  if (envelope === null) throw invalidSignature("the DSSE envelope is malformed");
  const signed = preAuthEncoding(envelope.payload);
  const keyIds: string[] = [];
  for (const key of keys) {
    if (await hasSignatureBy(key, envelope, signed)) keyIds.push(key.keyId);
  }
  if (keyIds.length === 0) {
    throw invalidSignature("no signature in the DSSE envelope verifies with the given keys");
  }
  const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  try {
    return { text: text.decode(envelope.payload), signer: { kind: "dsse", keyIds } };
  } catch (error) {
    throw invalidSignature("the signed text is not UTF-8", error);
  }
}

// Anyone could have written an entry's key id. It is a hint that may save an attempt, never proof.
async function hasSignatureBy(
  key: DsseVerifier,
  { entries }: DsseEnvelope,
  signed: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  for (const { keyId, signature } of entries) {
    const isCandidate = keyId === "" || keyId === key.keyId;
    if (isCandidate && (await key.verify(signed, signature))) return true;
  }
  return false;
}

function missingKeys(kind: string): SifIntegrityError {
  return new SifIntegrityError({
    code: "key-material-missing",
    found: `it is a ${kind} signature, and no key of that kind was given`,
  });
}
