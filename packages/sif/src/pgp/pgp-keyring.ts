import { enums, type Key, readSignature, type SignaturePacket, type Subkey } from "openpgp";
import { type ClearSignedMessage, isStrictArmor } from "../integrity/clear-sign.js";
import { invalidSignature, SifIntegrityError } from "../integrity/integrity-error.js";
import type { PgpKeyring, PgpSigner } from "../integrity/pgp-keys.js";
import { readKeyInputs } from "./read-pgp-keys.js";

/**
 * Reads PGP public keys and returns a key ring that verifies clear-signed messages with them.
 *
 * @param inputs armored text, with any number of key blocks, or binary key rings
 * @throws {KeyError} `key-malformed`
 */
export async function readPgpKeys(inputs: readonly (string | Uint8Array)[]): Promise<PgpKeyring> {
  const keys = (await readKeyInputs(inputs)).map((key) => key.toPublic());
  return { verify: (message, at) => verifyMessage(keys, message, at) };
}

/** Hashes that message signatures may use. Weak ones have allowed forgeries (CVE-2022-39237). */
const MESSAGE_HASHES: ReadonlySet<number> = new Set([
  enums.hash.sha224,
  enums.hash.sha256,
  enums.hash.sha384,
  enums.hash.sha512,
]);

/** Types of signatures of a message. Others, such as `standalone`, sign no message at all. */
const MESSAGE_TYPES: ReadonlySet<number> = new Set([enums.signature.binary, enums.signature.text]);

/** Most signature packets of a message that are examined. */
const MAX_PACKETS = 64;

async function verifyMessage(
  keys: readonly Key[],
  message: ClearSignedMessage,
  at: Date,
): Promise<PgpSigner> {
  const packets = await readPackets(message);
  // As in the reference implementation, the first signature by a known key counts.
  for (const packet of packets.slice(0, MAX_PACKETS)) {
    const candidates = findSigningKeys(keys, packet);
    if (candidates.length > 0) return verifyPacket(packet, candidates, { text: message.text, at });
  }
  throw new SifIntegrityError({
    code: "unknown-issuer",
    found: "none of the given PGP keys made the signature",
  });
}

async function readPackets({ signature }: ClearSignedMessage): Promise<SignaturePacket[]> {
  if (!isStrictArmor(signature)) throw invalidSignature("the PGP signature's armor is malformed");
  try {
    const { packets } = await readSignature({ armoredSignature: signature });
    return [...packets.filterByTag(enums.packet.signature)];
  } catch (error) {
    throw invalidSignature("the PGP signature cannot be read", error);
  }
}

/** A key, and the part of it (itself or a subkey) that may have made a signature. */
interface SigningKey {
  readonly primary: Key;
  readonly part: Key | Subkey;
}

function findSigningKeys(keys: readonly Key[], packet: SignaturePacket): SigningKey[] {
  return keys.flatMap((primary) =>
    primary
      .getKeys(packet.issuerKeyID)
      .filter(hasSignFlag)
      .map((part) => ({ primary, part })),
  );
}

/**
 * Reports whether any self-signature allows the key to sign. Which of them counts is checked later.
 */
function hasSignFlag(part: Key | Subkey): boolean {
  const selfSignatures =
    "bindingSignatures" in part
      ? part.bindingSignatures
      : part.users.flatMap(({ selfCertifications }) => selfCertifications);
  return selfSignatures.some(
    ({ keyFlags }) => ((keyFlags?.[0] ?? 0) & enums.keyFlags.signData) !== 0,
  );
}

interface SignedText {
  readonly text: string;
  readonly at: Date;
}

async function verifyPacket(
  packet: SignaturePacket,
  candidates: readonly SigningKey[],
  signed: SignedText,
): Promise<PgpSigner> {
  requireMessageSignature(packet);
  let firstError: unknown;
  for (const candidate of candidates) {
    try {
      return await verifyWithKey(packet, candidate, signed);
    } catch (error) {
      firstError ??= error;
    }
  }
  throw firstError;
}

function requireMessageSignature({ hashAlgorithm, signatureType }: SignaturePacket): void {
  if (hashAlgorithm === null || !MESSAGE_HASHES.has(hashAlgorithm)) {
    throw new SifIntegrityError({
      code: "hash-unsupported",
      found: "the PGP signature uses a hash algorithm that is not accepted",
    });
  }
  if (signatureType === null || !MESSAGE_TYPES.has(signatureType)) {
    throw invalidSignature("the PGP signature is not one of a message");
  }
}

async function verifyWithKey(
  packet: SignaturePacket,
  { primary, part }: SigningKey,
  { text, at }: SignedText,
): Promise<PgpSigner> {
  const bytes = new TextEncoder().encode(text.replaceAll("\n", "\r\n"));
  const literal = { text: null, getBytes: () => bytes };
  const type = packet.signatureType ?? enums.signature.text;
  try {
    // At the signature's own time, so this checks only the mathematics. Times have their own errors
    // below.
    await packet.verify(part.keyPacket, type, literal, packet.created ?? at, true);
  } catch (error) {
    throw invalidSignature("the PGP signature is not valid", error);
  }
  await requireValidNow(packet, { primary, part }, at);
  return {
    fingerprint: primary.getFingerprint(),
    keyId: part.getKeyID().toHex(),
    userIds: primary.getUserIDs(),
  };
}

/**
 * Throws unless key and signature are valid at the time of verification, as in the reference
 * implementation, and not only when the signature was made.
 */
async function requireValidNow(
  packet: SignaturePacket,
  { primary, part }: SigningKey,
  at: Date,
): Promise<void> {
  const created = packet.created ?? new Date(Number.NaN);
  if (!(created <= at)) throw invalidSignature("the PGP signature was made in the future");
  if (part.getCreationTime() > created) {
    throw invalidSignature("the PGP signature is older than its key");
  }
  if (packet.isExpired(at)) throw expired("the PGP signature has expired");
  const expiries = [await primary.getExpirationTime(), await partExpiry(part)];
  try {
    await primary.getSigningKey(part.getKeyID(), at);
  } catch (error) {
    if (expiries.some((expiry) => expiry !== null && expiry <= at)) {
      throw expired("the PGP key has expired", error);
    }
    throw invalidSignature("the PGP key is revoked, weak or not valid for signing", error);
  }
}

async function partExpiry(part: Key | Subkey): Promise<Date | number | null> {
  return "bindingSignatures" in part ? part.getExpirationTime() : null;
}

function expired(found: string, cause?: unknown): SifIntegrityError {
  return new SifIntegrityError({ code: "key-expired", found, cause });
}
