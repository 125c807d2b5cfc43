import type { ByteSource, ReadOptions } from "../bytes/byte-source.js";
import { memoryByteSource } from "../bytes/byte-source.js";
import { SifDataType } from "../format/data-type.js";
import { DescriptorOffset, isUsedRecord, type SifLink } from "../format/descriptor.js";
import { DESCRIPTOR_BYTES } from "../format/descriptor.js";
import { createHash } from "#platform-hash";
import { HeaderOffset } from "../format/header.js";
import { MAX_ID } from "../format/descriptor.js";
import { readChunks } from "../bytes/read-chunks.js";
import { toHex } from "../bytes/text.js";
import { encodeMetadata, type SifMetadataInput } from "./encode-metadata.js";
import {
  addFreeRecords,
  bytesOf,
  getNumber,
  type ImageDraft,
  isPrimaryRecord,
  recordAt,
  setHeaderArch,
  setNumber,
  usedDataBytes,
  usedRecords,
} from "./image-draft.js";
import type { SifStore } from "./sif-store.js";
import { sifTimeFrom } from "./image-draft.js";
import { SifWriteError } from "./write-error.js";

/** An object to write. */
export interface SifObjectInput {
  /** A value of `SifDataType`, or any other 32-bit number. */
  readonly dataType: number;
  /** The bytes. A source is copied in chunks. */
  readonly data: Uint8Array | ByteSource;
  /** Group number from 1; `null` for none. Default 1. */
  readonly group?: number | null;
  /** The object or group to which this object belongs. Default: none. */
  readonly link?: SifLink | null;
  /** At most 128 bytes of UTF-8. Default: none. */
  readonly name?: string;
  /**
   * The object's offset is a multiple of this many bytes. Default: 4096 for partitions, 1 for
   * others.
   */
  readonly alignment?: number;
  /** Time of the object; `null` for none. Default: the time of the write. */
  readonly time?: Date | null;
  /**
   * The data type's metadata, or up to 384 bytes for types that define none. OCI objects always get
   * the digest of their data.
   */
  readonly metadata?: SifMetadataInput | Uint8Array;
}

/** Partitions start at multiples of 4096 bytes, so they can be mounted. */
const PARTITION_ALIGNMENT = 4096;

const GROUP_BITS = 0xf000_0000;
const NAME_BYTES = 128;

/**
 * Writes an object's data after the last object, and its record into the first free record of the
 * draft. Returns the object's id.
 *
 * @throws {SifWriteError} before anything is written
 */
export async function placeObject(
  store: SifStore,
  draft: ImageDraft,
  input: SifObjectInput,
  options: { readonly time: bigint } & ReadOptions,
): Promise<number> {
  const index = firstFreeRecord(draft);
  const record = recordAt(new Uint8Array(DESCRIPTOR_BYTES), 0);
  const time = input.time === undefined ? options.time : sifTimeFrom(input.time);
  encodeRecord(record, input, time);
  requireSingleRole(draft, record);
  const data = input.data instanceof Uint8Array ? memoryByteSource(input.data) : input.data;
  const start = getNumber(draft.header, HeaderOffset.dataOffset) + usedDataBytes(draft);
  const offset = alignedOffset(start, input);
  requireSafeSize(offset + data.size);
  const hash = isOci(input.dataType) ? createHash("sha256") : null;
  const seen = (chunk: Uint8Array): void => hash?.update(chunk);
  await writeData(store, { offset, data }, { signal: options.signal, seen });
  if (hash !== null) {
    const metadata = { kind: "oci", digest: `sha256:${toHex(hash.digest())}` } as const;
    bytesOf(record).set(encodeMetadata(input.dataType, metadata), EXTRA);
  }
  record.setUint32(DescriptorOffset.id, index + 1, true);
  setNumber(record, DescriptorOffset.offset, offset);
  setNumber(record, DescriptorOffset.size, data.size);
  setNumber(record, DescriptorOffset.sizeWithPadding, offset - start + data.size);
  draft.table.set(bytesOf(record), index * DESCRIPTOR_BYTES);
  if (isPrimaryRecord(record)) setHeaderArch(draft, record);
  addFreeRecords(draft, -1);
  setNumber(draft.header, HeaderOffset.dataSize, usedDataBytes(draft));
  return index + 1;
}

const EXTRA = DescriptorOffset.extra;

function firstFreeRecord({ table }: ImageDraft): number {
  const count = table.length / DESCRIPTOR_BYTES;
  for (let index = 0; index < count; index += 1) {
    if (!isUsedRecord(bytesOf(recordAt(table, index)))) return index;
  }
  throw new SifWriteError("capacity-exhausted", `all ${count} descriptor records are in use`);
}

function encodeRecord(record: DataView<ArrayBuffer>, input: SifObjectInput, time: bigint): void {
  record.setInt32(DescriptorOffset.dataType, input.dataType, true);
  record.setUint8(DescriptorOffset.used, 1);
  record.setUint32(DescriptorOffset.group, GROUP_BITS + groupNumber(input.group), true);
  record.setUint32(DescriptorOffset.link, linkBits(input.link), true);
  record.setBigInt64(DescriptorOffset.createdAt, time, true);
  record.setBigInt64(DescriptorOffset.modifiedAt, time, true);
  bytesOf(record).set(encodeName(input.name ?? ""), DescriptorOffset.name);
  bytesOf(record).set(encodeMetadata(input.dataType, input.metadata), EXTRA);
}

function groupNumber(group: number | null = 1): number {
  return group === null ? 0 : requireId(group, "group");
}

function linkBits(link: SifLink | null = null): number {
  if (link === null) return 0;
  return requireId(link.id, "link") + (link.kind === "group" ? GROUP_BITS : 0);
}

function requireId(id: number, what: string): number {
  if (Number.isInteger(id) && id >= 1 && id <= MAX_ID) return id;
  throw new SifWriteError("bad-id", `the ${what} is ${id}, must be from 1 to ${MAX_ID}`);
}

function encodeName(name: string): Uint8Array {
  const bytes = new TextEncoder().encode(name);
  if (bytes.length <= NAME_BYTES) return bytes;
  throw new SifWriteError(
    "name-too-long",
    `the name has ${bytes.length} bytes; at most ${NAME_BYTES} are possible`,
  );
}

function requireSingleRole({ table }: ImageDraft, record: DataView<ArrayBuffer>): void {
  const used = usedRecords(table);
  if (isPrimaryRecord(record) && used.some(isPrimaryRecord)) {
    throw new SifWriteError("primary-exists", "the image already has a primary partition");
  }
  if (isIndexRecord(record) && used.some(isIndexRecord)) {
    throw new SifWriteError("root-index-exists", "the image already has an OCI root index");
  }
}

function isIndexRecord(view: DataView): boolean {
  return view.getInt32(DescriptorOffset.dataType, true) === SifDataType.ociRootIndex;
}

function alignedOffset(start: number, { dataType, alignment }: SifObjectInput): number {
  const unit = alignment ?? (dataType === SifDataType.partition ? PARTITION_ALIGNMENT : 1);
  if (!Number.isSafeInteger(unit) || unit < 0) {
    throw new SifWriteError("bad-id", `the alignment ${unit} is not a number of bytes`);
  }
  return unit <= 1 ? start : Math.ceil(start / unit) * unit;
}

function requireSafeSize(end: number): void {
  if (Number.isSafeInteger(end)) return;
  throw new SifWriteError("too-large", "the image would have more than 2^53 bytes");
}

/** Copies data into the store and passes each chunk to `seen`. */
async function writeData(
  store: SifStore,
  { offset, data }: { readonly offset: number; readonly data: ByteSource },
  options: ReadOptions & { readonly seen: (chunk: Uint8Array) => void },
): Promise<void> {
  let at = offset;
  for await (const chunk of readChunks(data, { offset: 0, size: data.size }, options)) {
    options.seen(chunk);
    await store.write(at, chunk);
    at += chunk.length;
  }
  // An empty object may start beyond the end of the store, where readers would reject it.
  if (store.size < at) await store.truncate(at);
}

function isOci(dataType: number): boolean {
  return dataType === SifDataType.ociBlob || dataType === SifDataType.ociRootIndex;
}
