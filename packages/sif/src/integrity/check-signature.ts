import type { SifDescriptor } from "../format/descriptor.js";
import type { DigestAlgorithm } from "../bytes/digest-algorithm.js";
import { hashBytes } from "../bytes/hash-data.js";
import { SifHashType } from "../format/metadata.js";
import type { SifImage } from "../format/read-sif.js";
import { coveredDescriptorBytes, coveredHeaderBytes } from "./covered-bytes.js";
import { digestEquals, parseDigest } from "./digest.js";
import { parseImageMetadata, type SignedObject } from "./image-metadata.js";
import { invalidSignature, SifIntegrityError } from "./integrity-error.js";
import { type ObjectHasher } from "./object-hasher.js";
import type { SignatureObject } from "./signature-object.js";
import { type SifSigner, type TrustedKeys, verifyEnvelope } from "./verify-envelope.js";

/** What all checks of a verification share. */
export interface VerifySession {
  readonly image: SifImage;
  readonly trusted: TrustedKeys;
  /** Time at which keys and signatures must be valid. */
  readonly at: Date;
  readonly hasher: ObjectHasher;
}

/** The objects that a signature must cover. */
export interface CoverageTask {
  readonly objects: readonly SifDescriptor[];
  /** Lowest id in the objects' group. Signed ids are relative to it. */
  readonly minId: number;
  /** Whether the signature may also cover other objects of the group. */
  readonly isSubsetAllowed: boolean;
}

const HASH_ALGORITHMS = new Map<number, DigestAlgorithm>([
  [SifHashType.sha256, "sha256"],
  [SifHashType.sha384, "sha384"],
  [SifHashType.sha512, "sha512"],
]);

/**
 * Checks a signature against the header, and the descriptors and data of the objects that it must
 * cover.
 *
 * @throws {SifIntegrityError} at the first failure
 */
export async function checkSignature(
  session: VerifySession,
  signature: SignatureObject,
  task: CoverageTask,
): Promise<SifSigner> {
  requireHashType(signature);
  if (signature.envelope.kind === "legacy") throw invalidSignature("it is a legacy signature");
  const { text, signer } = await verifyEnvelope(signature, session.trusted, session.at);
  const metadata = parseImageMetadata(text);
  requireFingerprint(signature, signer);
  const signed = new Map(
    metadata.objects.map((object) => [(task.minId + object.relativeId) >>> 0, object]),
  );
  requireCoverage(signed, task);
  const { header } = session.image;
  const { headerDigest } = metadata;
  const headerHash = hashBytes(headerDigest.algorithm, ...coveredHeaderBytes(header));
  if (!digestEquals(headerDigest, headerHash)) {
    throw new SifIntegrityError({
      code: "header-integrity",
      found: "the launch script, version or UUID in the header changed after signing",
    });
  }
  for (const object of task.objects) {
    await checkObject(session, object, signed.get(object.id));
  }
  return signer;
}

/**
 * Checks a legacy signature. It covers only data: the image's names, types, architecture and header
 * are not protected (CVE-2020-13847).
 *
 * @throws {SifIntegrityError} at the first failure
 */
export async function checkLegacySignature(
  session: VerifySession,
  signature: SignatureObject,
  objects: readonly SifDescriptor[],
): Promise<SifSigner> {
  if (signature.envelope.kind === "dsse" || signature.envelope.kind === "pgp") {
    throw invalidSignature("it is not a legacy signature");
  }
  const { text, signer } = await verifyEnvelope(signature, session.trusted, session.at);
  // In legacy signatures the descriptor names the hash of the content digest.
  const algorithm = requireHashType(signature);
  requireFingerprint(signature, signer);
  const digest = parseDigest(`${algorithm}:${text.replace(/^SIFHASH:\n/, "").replace(/\n$/, "")}`);
  if (!digestEquals(digest, await session.hasher.digestAll(objects, algorithm))) {
    throw new SifIntegrityError({
      code: "object-integrity",
      found: "the data changed after signing",
      objectId: objects.length === 1 ? objects[0]?.id : undefined,
    });
  }
  return signer;
}

function requireHashType({ metadata }: SignatureObject): DigestAlgorithm {
  const algorithm = HASH_ALGORITHMS.get(metadata.hashType);
  if (algorithm !== undefined) return algorithm;
  throw new SifIntegrityError({
    code: "hash-unsupported",
    found: `the signature's hash type ${metadata.hashType} is not accepted`,
  });
}

function requireFingerprint({ metadata }: SignatureObject, signer: SifSigner): void {
  if (signer.kind !== "pgp" || signer.fingerprint === metadata.fingerprint) return;
  throw new SifIntegrityError({
    code: "fingerprint-mismatch",
    found: "the descriptor names another key than the one that signed",
  });
}

function requireCoverage(signed: ReadonlyMap<number, SignedObject>, task: CoverageTask): void {
  const unsigned = task.objects.find(({ id }) => !signed.has(id));
  if (unsigned !== undefined) {
    throw new SifIntegrityError({
      code: "object-not-signed",
      found: `object ${unsigned.id} is not covered by the signature`,
      objectId: unsigned.id,
    });
  }
  if (task.isSubsetAllowed) return;
  const present = new Set(task.objects.map(({ id }) => id));
  const missing = [...signed.keys()].find((id) => !present.has(id));
  if (missing !== undefined) {
    throw new SifIntegrityError({
      code: "signed-object-not-found",
      found: `object ${missing} was signed but is missing`,
      objectId: missing,
    });
  }
}

async function checkObject(
  { image, hasher }: VerifySession,
  descriptor: SifDescriptor,
  signed: SignedObject | undefined,
): Promise<void> {
  if (signed === undefined) throw new TypeError(`object ${descriptor.id} has no signed entry`);
  const { descriptorDigest, objectDigest } = signed;
  const relativeId = descriptor.id - lowestIdInGroup(image, descriptor.group);
  const covered = coveredDescriptorBytes(descriptor, relativeId);
  if (!digestEquals(descriptorDigest, hashBytes(descriptorDigest.algorithm, ...covered))) {
    throw new SifIntegrityError({
      code: "descriptor-integrity",
      found: `the descriptor of object ${descriptor.id} changed after signing`,
      objectId: descriptor.id,
    });
  }
  if (!digestEquals(objectDigest, await hasher.digest(descriptor, objectDigest.algorithm))) {
    throw new SifIntegrityError({
      code: "object-integrity",
      found: `the data of object ${descriptor.id} changed after signing`,
      objectId: descriptor.id,
    });
  }
}

/** Returns the lowest object id in a group, including signatures that belong to it. */
export function lowestIdInGroup({ descriptors }: SifImage, group: number | null): number {
  return Math.min(...descriptors.filter((object) => object.group === group).map(({ id }) => id));
}
