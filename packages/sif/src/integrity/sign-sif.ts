import type { ReadOptions } from "../bytes/byte-source.js";
import { SifDataType } from "../format/data-type.js";
import type { SifDescriptor } from "../format/descriptor.js";
import { isDeterministic } from "../format/facts.js";
import type { DigestAlgorithm } from "../bytes/digest-algorithm.js";
import { hashBytes } from "../bytes/hash-data.js";
import { SifHashType } from "../format/metadata.js";
import { readSif, type SifImage } from "../format/read-sif.js";
import { toHex } from "../bytes/text.js";
import { addObject } from "../write/edit-sif.js";
import type { SifObjectInput } from "../write/place-object.js";
import type { SifStore } from "../write/sif-store.js";
import { SifWriteError } from "../write/write-error.js";
import type { WriteTimeOptions } from "../write/image-draft.js";
import { lowestIdInGroup } from "./check-signature.js";
import { coveredDescriptorBytes, coveredHeaderBytes } from "./covered-bytes.js";
import { formatDsseEnvelope, preAuthEncoding } from "./dsse-envelope.js";
import { formatImageMetadata, type SignedObject } from "./image-metadata.js";
import { createObjectHasher, type ObjectHasher } from "./object-hasher.js";
import type { DsseSigner } from "../keys/dsse-signer.js";
import type { PgpSigningKey } from "./pgp-keys.js";

/** The keys to sign with: either one PGP key, or any number of keys for DSSE. */
export type SigningKeys =
  | { readonly pgp: PgpSigningKey; readonly keys?: never }
  | { readonly keys: readonly DsseSigner[]; readonly pgp?: never };

/** Options of {@link signSif}. */
export interface SignSifOptions extends WriteTimeOptions, ReadOptions {
  /** Groups to sign, each as a whole. Default: all groups, unless objects are given. */
  readonly groups?: readonly number[];
  /** Objects to sign, by id. Those of each group get one signature. */
  readonly objects?: readonly number[];
  /** Algorithm of the signed digests. Default `sha256`, as in the reference implementation. */
  readonly digestAlgorithm?: DigestAlgorithm;
}

/**
 * Signs an image and returns it with the signatures as new objects, one for each group. Existing
 * signatures stay valid, so several parties can sign an image.
 *
 * @throws {SifFormatError} if the store holds no valid image
 * @throws {SifWriteError} `nothing-to-sign`, `object-not-found`, `key-material-missing`,
 *   `capacity-exhausted`; nothing is written then
 */
export async function signSif(
  store: SifStore,
  keys: SigningKeys,
  options: SignSifOptions = {},
): Promise<SifImage> {
  const { signal } = options;
  const image = await readSif(store, { signal });
  const tasks = planSignatures(image, options);
  if (image.header.descriptorsFree < tasks.length) {
    const found = `${tasks.length} signatures need as many free records, the image has ${image.header.descriptorsFree}`;
    throw new SifWriteError("capacity-exhausted", found);
  }
  const time = options.time === undefined ? defaultTime(image) : options.time;
  const hasher = createObjectHasher(image, { signal });
  const algorithm = options.digestAlgorithm ?? "sha256";
  const inputs: SifObjectInput[] = [];
  for (const task of tasks) {
    const text = await signedText({ image, hasher, algorithm }, task);
    inputs.push({ ...(await sealText(keys, text, time ?? new Date())), link: groupLink(task) });
  }
  let signed = image;
  for (const input of inputs) signed = await addObject(store, input, { time, signal });
  return signed;
}

interface SignatureTask {
  readonly group: number;
  readonly objects: readonly SifDescriptor[];
}

function groupLink({ group }: SignatureTask): { kind: "group"; id: number } {
  return { kind: "group", id: group };
}

function defaultTime({ header }: SifImage): Date | null {
  return isDeterministic(header) ? null : new Date();
}

function planSignatures({ descriptors }: SifImage, options: SignSifOptions): SignatureTask[] {
  const objectIds = new Set(options.objects);
  const groups = new Set(options.groups);
  if (objectIds.size + groups.size === 0) {
    for (const { group } of descriptors) if (group !== null) groups.add(group);
  }
  const chosen = descriptors.filter(({ id }) => objectIds.has(id));
  const tasks = [
    ...wholeGroups(descriptors, groups),
    ...partsOfGroups(chosen, chosen.length === objectIds.size),
  ];
  if (tasks.length === 0) throw new SifWriteError("nothing-to-sign", "no object is in a group");
  return tasks;
}

function wholeGroups(
  descriptors: readonly SifDescriptor[],
  groups: ReadonlySet<number>,
): SignatureTask[] {
  return ascending(groups).map((group) => {
    const objects = descriptors.filter((descriptor) => descriptor.group === group);
    if (group > 0 && objects.length > 0) return { group, objects };
    throw new SifWriteError("object-not-found", `the image has no group ${group}`);
  });
}

function partsOfGroups(chosen: readonly SifDescriptor[], areAllFound: boolean): SignatureTask[] {
  if (!areAllFound)
    throw new SifWriteError("object-not-found", "the image does not have all objects to sign");
  const loose = chosen.find(({ group }) => group === null);
  if (loose !== undefined) {
    throw new SifWriteError("nothing-to-sign", `object ${loose.id} is in no group`);
  }
  const groups = new Set(chosen.map(({ group }) => group ?? 0));
  return ascending(groups).map((group) => ({
    group,
    objects: chosen.filter((descriptor) => descriptor.group === group),
  }));
}

function ascending(numbers: ReadonlySet<number>): number[] {
  return [...numbers].toSorted((a, b) => a - b);
}

interface SigningSession {
  readonly image: SifImage;
  readonly hasher: ObjectHasher;
  readonly algorithm: DigestAlgorithm;
}

async function signedText(session: SigningSession, task: SignatureTask): Promise<string> {
  const { image, hasher, algorithm } = session;
  const minId = lowestIdInGroup(image, task.group);
  const digest = (bytes: Uint8Array) => ({ algorithm, hex: toHex(bytes) });
  const objects: SignedObject[] = [];
  for (const object of task.objects.toSorted((a, b) => a.id - b.id)) {
    const relativeId = object.id - minId;
    const covered = coveredDescriptorBytes(object, relativeId);
    objects.push({
      relativeId,
      descriptorDigest: digest(hashBytes(algorithm, ...covered)),
      objectDigest: digest(await hasher.digest(object, algorithm)),
    });
  }
  const headerDigest = digest(hashBytes(algorithm, ...coveredHeaderBytes(image.header)));
  return formatImageMetadata({ headerDigest, objects });
}

async function sealText(keys: SigningKeys, text: string, at: Date): Promise<SifObjectInput> {
  const common = { dataType: SifDataType.signature, group: null } as const;
  const encoder = new TextEncoder();
  if (keys.pgp !== undefined) {
    const { message, hashType } = await keys.pgp.sign(text, at);
    const { fingerprint } = keys.pgp;
    const metadata = { kind: "signature", hashType, fingerprint } as const;
    return { ...common, data: encoder.encode(message), metadata };
  }
  if (keys.keys.length === 0) {
    throw new SifWriteError("key-material-missing", "no key to sign with was given");
  }
  const payload = encoder.encode(text);
  const signed = preAuthEncoding(payload);
  const entries = await Promise.all(
    keys.keys.map(async (key) => ({ keyId: key.keyId, signature: await key.sign(signed) })),
  );
  // SHA-256 even for Ed25519, which hashes internally: every signer does so.
  const metadata = { kind: "signature", hashType: SifHashType.sha256, fingerprint: null } as const;
  return { ...common, data: encoder.encode(formatDsseEnvelope({ payload, entries })), metadata };
}
