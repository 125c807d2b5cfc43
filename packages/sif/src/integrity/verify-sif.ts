import type { ReadOptions } from "../bytes/byte-source.js";
import { SifDataType } from "../format/data-type.js";
import type { SifDescriptor } from "../format/descriptor.js";
import { MAX_SIGNATURES, MAX_SIGNATURES_BYTES } from "./signature-object.js";
import type { SifImage } from "../format/read-sif.js";
import {
  checkLegacySignature,
  checkSignature,
  lowestIdInGroup,
  type VerifySession,
} from "./check-signature.js";
import { isSifIntegrityError, SifIntegrityError } from "./integrity-error.js";
import { createObjectHasher } from "./object-hasher.js";
import { readSignatureObject, type SignatureObject } from "./signature-object.js";
import type { SifSigner, TrustedKeys } from "./verify-envelope.js";

/** Options of {@link verifySif}. */
export interface VerifySifOptions extends TrustedKeys, ReadOptions {
  /** Groups that must be signed. Default: all groups, unless objects are given. */
  readonly groups?: readonly number[];
  /** Objects that must be signed, by id. */
  readonly objects?: readonly number[];
  /**
   * `normal`: signatures of Singularity 3.6 and later. `legacy`: only signatures of older versions,
   * which cover neither header nor descriptors. `legacy-all`: as `legacy`, and every object must
   * have one. Default `normal`.
   */
  readonly mode?: "normal" | "legacy" | "legacy-all";
  /** Time at which keys and signatures must be valid. Default: now. */
  readonly at?: Date;
}

/** A signature that verified. */
export interface VerifiedSignature {
  /** The signature object's id. */
  readonly signatureId: number;
  readonly kind: "pgp" | "dsse" | "legacy";
  readonly signer: SifSigner;
  /**
   * Ids of the objects that it was found to cover: their data and, unless `legacy`, their
   * descriptors.
   */
  readonly objects: readonly number[];
  /** The group that it had to cover, or `null` if it had to cover an object. */
  readonly group: number | null;
}

/** The result of a successful verification. */
export interface VerifiedSif {
  /** Ids of all covered objects, ascending. Trust nothing else in the image. */
  readonly objects: readonly number[];
  /** The signatures, in the order in which they were checked. */
  readonly signatures: readonly VerifiedSignature[];
}

/**
 * Verifies the signatures of an image by the rules of the reference implementation: each requested
 * group or object needs a signature, every signature found for it must be valid, and a group's
 * signature must cover exactly the group. Returns only if all of this holds. Data is read in chunks
 * from the image's own source, so what was verified is what is used afterwards.
 *
 * @throws {SifIntegrityError} at the first failure
 * @throws what the source throws, and `signal.reason` after an abort
 */
export async function verifySif(
  image: SifImage,
  options: VerifySifOptions = {},
): Promise<VerifiedSif> {
  const tasks = planTasks(image, options);
  requireAssociation(image);
  const { signal } = options;
  const session: VerifySession = {
    image,
    trusted: { pgp: options.pgp, keys: options.keys },
    at: options.at ?? new Date(),
    hasher: createObjectHasher(image, { signal }),
  };
  const candidates = await readSignatures(image, { signal });
  const signatures: VerifiedSignature[] = [];
  for (const task of tasks) {
    signatures.push(...(await runTask(session, task, candidates)));
  }
  const objects = new Set(signatures.flatMap((signature) => signature.objects));
  return { objects: [...objects].toSorted((a, b) => a - b), signatures };
}

type Task =
  | { readonly kind: "group"; readonly group: number; readonly isLegacy: boolean }
  | { readonly kind: "object"; readonly object: SifDescriptor; readonly isLegacy: boolean };

function planTasks(image: SifImage, options: VerifySifOptions): Task[] {
  const { descriptors } = image;
  const mode = options.mode ?? "normal";
  if (descriptors.length === 0) {
    throw new SifIntegrityError({ code: "no-objects", found: "the image has no objects" });
  }
  const isLegacy = mode !== "normal";
  const objectIds = new Set(options.objects);
  if (mode === "legacy-all") {
    for (const { id } of descriptors.filter(isSignable)) objectIds.add(id);
  }
  const named = new Set(options.groups);
  const groups = named.size + objectIds.size === 0 ? allGroups(image) : [...named];
  return [
    ...groups.map((group): Task => ({
      kind: "group",
      group: requireGroup(image, group),
      isLegacy,
    })),
    ...[...objectIds].map((id): Task => ({
      kind: "object",
      object: requireObject(image, id),
      isLegacy,
    })),
  ];
}

function isSignable({ dataType, group }: SifDescriptor): boolean {
  return dataType !== SifDataType.signature && group !== null;
}

function allGroups({ descriptors }: SifImage): number[] {
  const groups = new Set(descriptors.flatMap(({ group }) => (group === null ? [] : [group])));
  if (groups.size === 0) {
    throw new SifIntegrityError({ code: "no-groups", found: "no object is in a group" });
  }
  return [...groups].toSorted((a, b) => a - b);
}

function requireGroup({ descriptors }: SifImage, group: number): number {
  if (group > 0 && descriptors.some((object) => object.group === group)) return group;
  throw new SifIntegrityError({
    code: "group-not-found",
    found: `the image has no group ${group}`,
    groupId: group,
  });
}

function requireObject({ descriptors }: SifImage, id: number): SifDescriptor {
  const object = descriptors.find((descriptor) => descriptor.id === id);
  if (object !== undefined) return object;
  const found = `the image has no object ${id}`;
  throw new SifIntegrityError({ code: "object-not-found", found, objectId: id });
}

function requireAssociation({ descriptors }: SifImage): void {
  const loose = descriptors.find(
    ({ dataType, group }) => group === null && dataType !== SifDataType.signature,
  );
  if (loose === undefined) return;
  throw new SifIntegrityError({
    code: "signature-not-associated",
    found: `object ${loose.id} is in no group; only signatures may be outside groups`,
    objectId: loose.id,
  });
}

async function readSignatures(image: SifImage, options: ReadOptions): Promise<SignatureObject[]> {
  const found = image.descriptors.filter(({ dataType }) => dataType === SifDataType.signature);
  if (found.length > MAX_SIGNATURES) {
    throw new SifIntegrityError({
      code: "too-many-signatures",
      found: `the image has ${found.length} signatures; at most ${MAX_SIGNATURES} are accepted`,
    });
  }
  const bytes = found.reduce((sum, { size }) => sum + size, 0);
  if (bytes > MAX_SIGNATURES_BYTES) {
    throw new SifIntegrityError({
      code: "too-many-signatures",
      found: `the signatures have ${bytes} bytes; at most ${MAX_SIGNATURES_BYTES} are accepted`,
    });
  }
  const signatures: SignatureObject[] = [];
  for (const descriptor of found) {
    const signature = await readSignatureObject(image, descriptor, options);
    if (signature !== null) signatures.push(signature);
  }
  return signatures;
}

async function runTask(
  session: VerifySession,
  task: Task,
  candidates: readonly SignatureObject[],
): Promise<VerifiedSignature[]> {
  const place = task.kind === "group" ? { groupId: task.group } : { objectId: task.object.id };
  const found = candidates.filter((candidate) => isSignatureFor(candidate, task));
  if (found.length === 0) {
    const what = task.kind === "group" ? `group ${task.group}` : `object ${task.object.id}`;
    const code = "signature-not-found";
    throw new SifIntegrityError({ code, found: `there is no signature for ${what}`, ...place });
  }
  const verified: VerifiedSignature[] = [];
  for (const signature of found) {
    try {
      verified.push(await runCheck(session, task, signature));
    } catch (error) {
      throw locateError(error, { ...place, signatureId: signature.descriptor.id });
    }
  }
  return verified;
}

function isSignatureFor({ descriptor, envelope }: SignatureObject, task: Task): boolean {
  const { link } = descriptor;
  if (task.kind === "object" && task.isLegacy) {
    return link?.kind === "object" && link.id === task.object.id;
  }
  const group = task.kind === "group" ? task.group : task.object.group;
  const isLinked = link?.kind === "group" && link.id === group;
  return isLinked && (envelope.kind === "legacy") === task.isLegacy;
}

async function runCheck(
  session: VerifySession,
  task: Task,
  signature: SignatureObject,
): Promise<VerifiedSignature> {
  const group = task.kind === "group" ? task.group : task.object.group;
  const objects =
    task.kind === "group"
      ? session.image.descriptors.filter((object) => object.group === group)
      : [task.object];
  const signer = task.isLegacy
    ? await checkLegacySignature(session, signature, objects)
    : await checkSignature(session, signature, {
        objects,
        minId: lowestIdInGroup(session.image, group),
        isSubsetAllowed: task.kind === "object",
      });
  return {
    signatureId: signature.descriptor.id,
    kind: task.isLegacy ? "legacy" : signer.kind,
    signer,
    objects: objects.map(({ id }) => id),
    group: task.kind === "group" ? task.group : null,
  };
}

/** Adds to a check's error where it happened. Other errors stay unchanged. */
function locateError(
  error: unknown,
  place: { groupId?: number; objectId?: number; signatureId: number },
): unknown {
  if (!isSifIntegrityError(error)) return error;
  const prefix = "cannot verify image: ";
  return new SifIntegrityError({
    code: error.code,
    found: `signature object ${place.signatureId}: ${error.message.slice(prefix.length)}`,
    objectId: error.objectId ?? place.objectId,
    groupId: place.groupId,
    signatureId: place.signatureId,
    cause: error.cause,
  });
}
