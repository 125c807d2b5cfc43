import {
  addObject,
  createSif,
  deleteObjects,
  isSifWriteError,
  type MemorySifStore,
  memorySifStore,
  readSif,
  setObjectMetadata,
  setPrimaryPartition,
  SifDataType,
  type SifLink,
  type SifMetadataInput,
  type SifObjectInput,
  SifWriteError,
} from "@sifshelf/sif";

/** Pseudo-random numbers that follow from a seed. */
export type Random = (below: number) => number;

/** Returns a generator of such numbers: Tommy Ettinger's mulberry32. */
export function seededRandom(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b_79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** A change of an image, or its creation, which both we and `interop/go/sif` can perform. */
export type SifEdit =
  | {
      readonly op: "create";
      readonly deterministic: boolean;
      readonly uuid: string;
      readonly time?: number;
      readonly launchScript: string;
      readonly capacity: number;
      readonly objects: readonly EditObject[];
    }
  | { readonly op: "add"; readonly object: EditObject; readonly time?: number }
  | {
      readonly op: "delete";
      readonly id: number;
      readonly zero: boolean;
      readonly compact: boolean;
      readonly time?: number;
    }
  | { readonly op: "setPrimary"; readonly id: number; readonly time?: number }
  | {
      readonly op: "setMetadata";
      readonly id: number;
      /** Base64. */
      readonly metadata: string;
      readonly time?: number;
    };

/** An object as `interop/go/sif` accepts it. Times are Unix seconds. */
export interface EditObject {
  readonly dataType: number;
  /** Base64. */
  readonly data: string;
  readonly group?: number;
  readonly noGroup?: boolean;
  readonly linkId?: number;
  readonly linkGroup?: number;
  readonly name?: string;
  readonly alignment?: number;
  readonly time?: number;
  readonly partition?: { fsType: number; partType: number; arch: string };
  readonly signature?: { hash: "sha256" | "sha384" | "sha512"; fingerprint: string };
  readonly cryptoMessage?: readonly [number, number];
  readonly sbom?: number;
}

const ARCHES = ["386", "amd64", "arm64", "ppc64le", "s390x", "riscv64", "loong64", "sparc"];
const SIMPLE_TYPES = [1, 2, 3, 6, 7].map((type) => 0x4000 + type);
const MOST_BYTES = 9000;

/** Returns a creation followed by up to a dozen changes, most of which are valid. */
export function randomEdits(random: Random): SifEdit[] {
  const deterministic = random(3) === 0;
  const count = random(5);
  const edits: SifEdit[] = [
    {
      op: "create",
      deterministic,
      uuid: deterministic ? "" : randomUuid(random),
      ...(deterministic ? {} : { time: randomTime(random) }),
      launchScript: random(2) === 0 ? "" : "#!/usr/bin/env run-singularity\n",
      capacity: count + random(5) + 1,
      objects: Array.from({ length: count }, () => randomObject(random, deterministic)),
    },
  ];
  // Without a time the library uses the clock, unless the image is deterministic.
  const isTimed = !deterministic || random(4) === 0;
  for (let left = random(12); left > 0; left -= 1) {
    const time = isTimed ? { time: randomTime(random) } : {};
    edits.push(randomChange(random, { deterministic, time }));
  }
  return edits;
}

function randomChange(
  random: Random,
  { deterministic, time }: { deterministic: boolean; time: { time?: number } },
): SifEdit {
  const id = 1 + random(6);
  switch (random(6)) {
    case 0:
    case 1:
      return { op: "delete", id, zero: random(2) === 0, compact: random(2) === 0, ...time };
    case 2:
      return { op: "setPrimary", id, ...time };
    case 3:
      return { op: "setMetadata", id, metadata: randomBytes(random, 384), ...time };
    default:
      return { op: "add", object: randomObject(random, deterministic), ...time };
  }
}

function randomObject(random: Random, deterministic: boolean): EditObject {
  const group = random(4);
  return {
    // Not empty: if padding precedes an empty object, the reference leaves the file too short.
    data: randomBytes(random, random(3) === 0 ? MOST_BYTES : 60, 1),
    ...(group === 0 ? { noGroup: true } : { group }),
    ...[{}, { linkId: 1 + random(9) }, { linkGroup: 1 + random(3) }][random(3)],
    ...(random(2) === 0 ? { name: `${"ä".repeat(random(64))}.x` } : {}),
    ...(random(3) === 0 ? { alignment: [0, 1, 3, 512, 4096, 65_536][random(6)] ?? 0 } : {}),
    ...(deterministic || random(3) > 0 ? {} : { time: randomTime(random) }),
    ...randomKind(random),
  };
}

function randomKind(random: Random): Omit<EditObject, "data"> {
  switch (random(9)) {
    case 0:
    case 1:
    case 2: {
      const arch = ARCHES[random(ARCHES.length)] ?? "";
      const partition = { fsType: 1 + random(5), partType: 1 + random(4), arch };
      return { dataType: SifDataType.partition, partition };
    }
    case 3: {
      const hash = (["sha256", "sha384", "sha512"] as const)[random(3)] ?? "sha256";
      const fingerprint = Buffer.from(randomBytes(random, 20, 20), "base64").toString("hex");
      return { dataType: SifDataType.signature, signature: { hash, fingerprint } };
    }
    case 4:
      return { dataType: SifDataType.cryptoMessage, cryptoMessage: [2, 0x200] };
    case 5:
      return { dataType: SifDataType.sbom, sbom: 1 + random(8) };
    case 6:
      return { dataType: SifDataType.ociBlob };
    default:
      return { dataType: SIMPLE_TYPES[random(SIMPLE_TYPES.length)] ?? SifDataType.generic };
  }
}

function randomBytes(random: Random, atMost: number, atLeast = 0): string {
  const length = atLeast + random(atMost - atLeast + 1);
  return Buffer.from(Array.from({ length }, () => random(256))).toString("base64");
}

function randomTime(random: Random): number {
  return random(2 ** 31);
}

function randomUuid(random: Random): string {
  const hex = Buffer.from(randomBytes(random, 16, 16), "base64").toString("hex");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/**
 * Performs the edits on our store, continuing after failures, and returns the error code of each.
 */
export async function applyEdits(
  edits: readonly SifEdit[],
): Promise<{ store: MemorySifStore; errors: string[] }> {
  const store = memorySifStore();
  const errors: string[] = [];
  for (const edit of edits) {
    try {
      await applyEdit(store, edit);
      errors.push("");
    } catch (error) {
      if (!isSifWriteError(error)) throw error;
      errors.push(error.code);
      // The result of a failed creation is undefined.
      if (edit.op === "create") break;
    }
  }
  return { store, errors };
}

async function applyEdit(store: MemorySifStore, edit: SifEdit): Promise<void> {
  const time = edit.time === undefined ? {} : { time: dateOf(edit.time) };
  switch (edit.op) {
    case "create": {
      const { launchScript, capacity, deterministic, uuid } = edit;
      const objects = edit.objects.map(objectInput);
      const identity = deterministic ? { deterministic } : { id: uuid, ...time };
      await createSif(store, { launchScript, capacity, objects, ...identity });
      break;
    }
    case "add":
      await addObject(store, objectInput(edit.object), time);
      break;
    case "delete": {
      const { zero, compact } = edit;
      await deleteObjects(store, ({ id }) => id === edit.id, { zero, compact, ...time });
      break;
    }
    case "setPrimary":
      await setPrimaryPartition(store, edit.id, time);
      break;
    case "setMetadata": {
      const { descriptors } = await readSif(store);
      const target = descriptors.find(({ id }) => id === edit.id);
      // Roles of partitions change only through setPrimary.
      if (target?.dataType === SifDataType.partition) {
        throw new SifWriteError("metadata-mismatch", "object is a partition");
      }
      await setObjectMetadata(store, edit.id, bytesOf(edit.metadata), time);
      break;
    }
  }
}

function objectInput(object: EditObject): SifObjectInput {
  const { dataType, name, alignment, time } = object;
  const metadata = metadataInput(object);
  return {
    dataType,
    data: bytesOf(object.data),
    group: object.noGroup === true ? null : (object.group ?? 1),
    link: linkOf(object),
    ...(name === undefined ? {} : { name }),
    ...(alignment === undefined ? {} : { alignment }),
    ...(time === undefined ? {} : { time: dateOf(time) }),
    ...(metadata === undefined ? {} : { metadata }),
  };
}

function linkOf({ linkId, linkGroup }: EditObject): SifLink | null {
  if (linkId !== undefined) return { kind: "object", id: linkId };
  return linkGroup === undefined ? null : { kind: "group", id: linkGroup };
}

function metadataInput(object: EditObject): SifMetadataInput | undefined {
  const { partition, signature, cryptoMessage, sbom } = object;
  if (partition !== undefined) return { kind: "partition", ...partition };
  if (signature !== undefined) {
    const hashType = { sha256: 1, sha384: 2, sha512: 3 }[signature.hash];
    return { kind: "signature", hashType, fingerprint: signature.fingerprint };
  }
  if (cryptoMessage !== undefined) {
    return { kind: "crypto-message", format: cryptoMessage[0], message: cryptoMessage[1] };
  }
  return sbom === undefined ? undefined : { kind: "sbom", format: sbom };
}

const bytesOf = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, "base64"));
const dateOf = (seconds: number): Date => new Date(seconds * 1000);
