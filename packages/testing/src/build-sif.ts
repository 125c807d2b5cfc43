import { createHash } from "node:crypto";
import { open } from "node:fs/promises";

/** An object of a built image. Numbers are the format's. */
export interface SifObjectSpec {
  /** Data type, for example 0x4004 for a partition. */
  readonly dataType: number;
  readonly data: Uint8Array;
  /** Group number; 0 for none. Default 1. */
  readonly group?: number;
  /** The raw link field: an object id, or `0xf0000000 + group`. Default 0: no link. */
  readonly link?: number;
  readonly name?: string;
  /** Type-specific bytes, at most 384. */
  readonly extra?: Uint8Array;
  /** Alignment in bytes. Default 4096 for partitions, 1 for others. */
  readonly align?: number;
}

/** Options of {@link buildSif}. */
export interface BuildSifOptions {
  /** Go's name of the primary partition's architecture. Default `amd64`. */
  readonly arch?: SifTestArch;
  /** The image's UUID. Default: derived from the seed. Pass the nil UUID for none. */
  readonly uuid?: string;
  /** Different seeds give different payloads and ids. Default 1. */
  readonly seed?: number;
  /** Size of the primary partition in bytes. Default 4096. */
  readonly payloadBytes?: number;
  /** At most 31 bytes. Default: Singularity's. */
  readonly launchScript?: string;
  /** Adds a signature object that claims {@link TEST_FINGERPRINT} but signs nothing. */
  readonly signed?: boolean;
  /** Marks the primary partition as a LUKS2 device. */
  readonly encrypted?: boolean;
  /** Labels stored in `inspect-metadata.json`. Default: `org.example.seed`. */
  readonly labels?: Readonly<Record<string, string>>;
  /** The definition file. Default: a small one. */
  readonly deffile?: string;
  /** The run script. Default: one `echo`. */
  readonly runscript?: string;
  /** All times, in Unix seconds. Default 1700000000. */
  readonly createdAt?: number;
  /** Objects instead of definition file, JSON document and partition. */
  readonly objects?: readonly SifObjectSpec[];
  /** Number of descriptor records. Default 48. */
  readonly capacity?: number;
}

/** The fingerprint that the placeholder signature of {@link buildSif} claims. */
export const TEST_FINGERPRINT = "12045c8c0b1004d058de4beda20c27ee7ff7ba84";

const ARCH_CODES = {
  "386": "01",
  amd64: "02",
  arm: "03",
  arm64: "04",
  ppc64: "05",
  ppc64le: "06",
  mips: "07",
  mipsle: "08",
  mips64: "09",
  mips64le: "10",
  s390x: "11",
  riscv64: "12",
  loong64: "13",
} as const;

/** An architecture that {@link buildSif} can write, by Go's name. */
export type SifTestArch = keyof typeof ARCH_CODES;

const TABLE_OFFSET = 4096;
const RECORD_BYTES = 585;
const GROUP_MASK = 0xf000_0000;
const CHUNK_BYTES = 1024 * 1024;

/**
 * Returns the bytes of a valid SIF image, the same for the same options. The layout is written out
 * here and not taken from `@sifshelf/sif`, so reader and builder check each other.
 */
export function buildSif(options: BuildSifOptions = {}): Uint8Array {
  const objects = options.objects ?? defaultObjects(options, partitionPayload(options));
  const plan = planImage(options, objects);
  const image = Buffer.alloc(plan.size);
  plan.head.copy(image);
  for (const [index, object] of objects.entries()) {
    image.set(object.data, plan.offsets[index]);
  }
  return new Uint8Array(image.buffer, image.byteOffset, image.byteLength);
}

/** The file that {@link writeSifFile} wrote. */
export interface WrittenSif {
  /** Size in bytes. */
  readonly size: number;
  /** SHA-256 of the file, lower-case hex. */
  readonly sha256: string;
}

/**
 * Writes an image whose partition may be larger than memory: bytes are generated and written in
 * chunks of 1 MiB. The result equals that of `buildSif` with the same options; `objects` is not
 * supported.
 */
export async function writeSifFile(
  path: string,
  options: Omit<BuildSifOptions, "objects"> = {},
): Promise<WrittenSif> {
  const payloadBytes = options.payloadBytes ?? DEFAULT_PAYLOAD_BYTES;
  const objects = defaultObjects(options, new Uint8Array());
  const payloadIndex = objects.findIndex(({ dataType }) => dataType === 0x4004);
  const plan = planImage(options, objects, { index: payloadIndex, bytes: payloadBytes });
  const hash = createHash("sha256");
  const file = await open(path, "w");
  let size = 0;
  const write = async (bytes: Uint8Array): Promise<void> => {
    hash.update(bytes);
    await file.writeFile(bytes);
    size += bytes.length;
  };
  try {
    await write(plan.head);
    for (const [index, object] of objects.entries()) {
      await write(new Uint8Array((plan.offsets[index] ?? 0) - size));
      const chunks = index === payloadIndex ? payloadChunks(options, payloadBytes) : [object.data];
      for (const chunk of chunks) await write(chunk);
    }
  } finally {
    await file.close();
  }
  return { size, sha256: hash.digest("hex") };
}

const DEFAULT_PAYLOAD_BYTES = 4096;

function defaultObjects(options: BuildSifOptions, payload: Uint8Array): SifObjectSpec[] {
  const arch = options.arch ?? "amd64";
  const extra = Buffer.alloc(11);
  extra.writeInt32LE(options.encrypted === true ? 5 : 1, 0);
  extra.writeInt32LE(2, 4);
  extra.write(ARCH_CODES[arch], 8, "latin1");
  const deffile =
    options.deffile ?? `Bootstrap: scratch\n\n%labels\n    seed ${options.seed ?? 1}\n`;
  const objects: SifObjectSpec[] = [
    { dataType: 0x4001, data: Buffer.from(deffile) },
    { dataType: 0x4006, name: "inspect-metadata.json", data: inspectMetadata(options, deffile) },
    { dataType: 0x4004, data: payload, extra },
  ];
  return options.signed === true ? [...objects, placeholderSignature()] : objects;
}

function inspectMetadata(options: BuildSifOptions, deffile: string): Buffer {
  const labels = options.labels ?? { "org.example.seed": String(options.seed ?? 1) };
  const runscript = options.runscript ?? '#!/bin/sh\nexec echo "$@"\n';
  const attributes = { labels, runscript, deffile };
  return Buffer.from(JSON.stringify({ data: { attributes }, type: "container" }));
}

function placeholderSignature(): SifObjectSpec {
  const extra = Buffer.alloc(260);
  extra.writeInt32LE(1, 0);
  extra.write(TEST_FINGERPRINT, 4, "hex");
  const data = Buffer.from("a placeholder that signs nothing\n");
  return { dataType: 0x4005, group: 0, link: GROUP_MASK + 1, extra, data };
}

interface ImagePlan {
  /** Header and descriptor table, up to the data section. */
  readonly head: Buffer;
  readonly offsets: readonly number[];
  readonly size: number;
}

/** Lays out the objects. `streamed` gives the size of the object whose data is not in memory. */
function planImage(
  options: BuildSifOptions,
  objects: readonly SifObjectSpec[],
  streamed?: { readonly index: number; readonly bytes: number },
): ImagePlan {
  const capacity = options.capacity ?? 48;
  const dataOffset = TABLE_OFFSET + capacity * RECORD_BYTES;
  const head = Buffer.alloc(dataOffset);
  const offsets: number[] = [];
  let end = dataOffset;
  for (const [index, object] of objects.entries()) {
    const align = object.align ?? (object.dataType === 0x4004 ? 4096 : 1);
    const offset = Math.ceil(end / align) * align;
    const size = streamed?.index === index ? streamed.bytes : object.data.length;
    const time = options.createdAt ?? DEFAULT_TIME;
    const record = { index, offset, size, padded: offset - end + size, time };
    writeRecord(head, TABLE_OFFSET + index * RECORD_BYTES, { object, ...record });
    offsets.push(offset);
    end = offset + size;
  }
  writeHeader(head, options, { used: objects.length, capacity, dataSize: end - dataOffset });
  head.write(primaryArchCode(objects), 45, "latin1");
  return { head, offsets, size: end };
}

const DEFAULT_TIME = 1_700_000_000;

function primaryArchCode(objects: readonly SifObjectSpec[]): string {
  const primary = objects.find(
    ({ dataType, extra }) => dataType === 0x4004 && extra !== undefined && extra[4] === 2,
  );
  return primary?.extra === undefined
    ? "00"
    : Buffer.from(primary.extra.subarray(8, 10)).toString("latin1");
}

interface RecordPlan {
  readonly object: SifObjectSpec;
  readonly index: number;
  readonly offset: number;
  readonly size: number;
  readonly padded: number;
  readonly time: number;
}

function writeRecord(head: Buffer, at: number, plan: RecordPlan): void {
  const { object } = plan;
  head.writeInt32LE(object.dataType, at);
  head.writeUInt8(1, at + 4);
  head.writeUInt32LE(plan.index + 1, at + 5);
  head.writeUInt32LE(GROUP_MASK + (object.group ?? 1), at + 9);
  head.writeUInt32LE(object.link ?? 0, at + 13);
  head.writeBigInt64LE(BigInt(plan.offset), at + 17);
  head.writeBigInt64LE(BigInt(plan.size), at + 25);
  head.writeBigInt64LE(BigInt(plan.padded), at + 33);
  head.writeBigInt64LE(BigInt(plan.time), at + 41);
  head.writeBigInt64LE(BigInt(plan.time), at + 49);
  head.write(object.name ?? "", at + 73, 128, "utf8");
  head.set(object.extra ?? [], at + 201);
}

function writeHeader(
  head: Buffer,
  options: BuildSifOptions,
  counts: { readonly used: number; readonly capacity: number; readonly dataSize: number },
): void {
  head.write(options.launchScript ?? "#!/usr/bin/env run-singularity\n", 0, 31, "utf8");
  head.write("SIF_MAGIC\x0001\0", 32, "latin1");
  head.write((options.uuid ?? seededUuid(options.seed ?? 1)).replaceAll("-", ""), 48, "hex");
  const time = BigInt(options.createdAt ?? DEFAULT_TIME);
  head.writeBigInt64LE(time, 64);
  head.writeBigInt64LE(time, 72);
  head.writeBigInt64LE(BigInt(counts.capacity - counts.used), 80);
  head.writeBigInt64LE(BigInt(counts.capacity), 88);
  head.writeBigInt64LE(BigInt(TABLE_OFFSET), 96);
  head.writeBigInt64LE(BigInt(counts.capacity * RECORD_BYTES), 104);
  head.writeBigInt64LE(BigInt(TABLE_OFFSET + counts.capacity * RECORD_BYTES), 112);
  head.writeBigInt64LE(BigInt(counts.dataSize), 120);
}

function seededUuid(seed: number): string {
  const hex = createHash("sha256").update(`uuid ${seed}`).digest("hex");
  const variant = "89ab"[Number.parseInt(hex.slice(16, 17), 16) % 4] ?? "8";
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function partitionPayload(options: BuildSifOptions): Uint8Array {
  return Buffer.concat([...payloadChunks(options, options.payloadBytes ?? DEFAULT_PAYLOAD_BYTES)]);
}

/**
 * Yields the partition's bytes: a pseudo-random block over and over, numbered so that no two chunks
 * are equal.
 */
function* payloadChunks(options: BuildSifOptions, bytes: number): Generator<Uint8Array> {
  const block = randomBlock(options.seed ?? 1, Math.min(bytes, CHUNK_BYTES));
  const magic = options.encrypted === true ? "4c554b53babe" : "68737173";
  for (let start = 0; start < bytes; start += CHUNK_BYTES) {
    const chunk = Buffer.from(block.subarray(0, Math.min(CHUNK_BYTES, bytes - start)));
    if (start === 0) chunk.write(magic, 0, "hex");
    else if (chunk.length >= 4) chunk.writeUInt32LE(start / CHUNK_BYTES, 0);
    yield chunk;
  }
}

function randomBlock(seed: number, bytes: number): Buffer {
  const block = Buffer.alloc(Math.ceil(bytes / 4) * 4);
  let state = (seed * 0x9e37_79b9 + 0x7f4a_7c15) | 0 || 1;
  for (let at = 0; at < block.length; at += 4) {
    // Xorshift with Marsaglia's shifts 13, 17, 5.
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    block.writeInt32LE(state, at);
  }
  return block.subarray(0, bytes);
}
