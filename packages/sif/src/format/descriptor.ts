import { dataTypeName } from "./data-type.js";
import { SifFormatError, type SifFormatErrorCode } from "./format-error.js";
import { parseMetadata, type SifMetadata } from "./metadata.js";
import { decodeText, trimNuls } from "../bytes/text.js";

/** Size of one record of the descriptor table, in bytes. */
export const DESCRIPTOR_BYTES = 585;

/**
 * Largest object id and group number: 2^28 - 1. The top four bits of the 32-bit fields distinguish
 * groups from objects.
 */
export const MAX_ID = 2 ** 28 - 1;

/** Byte offsets of a record's fields. */
export const DescriptorOffset = {
  dataType: 0,
  used: 4,
  id: 5,
  group: 9,
  link: 13,
  offset: 17,
  size: 25,
  sizeWithPadding: 33,
  createdAt: 41,
  modifiedAt: 49,
  uid: 57,
  gid: 65,
  name: 73,
  extra: 201,
} as const;

const GROUP_BITS = 0xf000_0000;

/** What an object belongs to: another object, or a group of objects. */
export interface SifLink {
  readonly kind: "object" | "group";
  readonly id: number;
}

/** One data object: where its bytes are, and what its descriptor says about them. */
export interface SifDescriptor {
  /** Position of the record in the descriptor table, from 0. */
  readonly index: number;
  readonly id: number;
  /** A value of `SifDataType`, or a number that the format does not define. */
  readonly dataType: number;
  /** The data type's display name, for example `FS`; its hexadecimal number for unknown types. */
  readonly typeName: string;
  /** Group number, from 1; `null` if the object is in no group. */
  readonly group: number | null;
  readonly link: SifLink | null;
  /** File offset of the first byte. */
  readonly offset: number;
  /** Length in bytes. May be 0. */
  readonly size: number;
  /** Length including the padding before the object, in bytes. Informative; not checked. */
  readonly sizeWithPadding: bigint;
  /** Unix seconds; any 64-bit value occurs. */
  readonly createdAt: bigint;
  /** Unix seconds; any 64-bit value occurs. */
  readonly modifiedAt: bigint;
  /** The builder's user id in old files, 0 in others. */
  readonly uid: bigint;
  /** The builder's group id in old files, 0 in others. */
  readonly gid: bigint;
  /** Untrusted text, never to be used as a path. `""` if unnamed. */
  readonly name: string;
  readonly metadata: SifMetadata;
  /** The 585 bytes of the record, as in the file. */
  readonly raw: Uint8Array;
}

/** The bounds that an image's objects must respect. */
export interface DescriptorBounds {
  /** File offset of the descriptor table, for error messages. */
  readonly tableOffset: number;
  readonly dataOffset: number;
  readonly fileSize: number;
}

/** Reports whether a record of the table is in use. */
export function isUsedRecord(record: Uint8Array): boolean {
  return record[DescriptorOffset.used] !== 0;
}

/**
 * Parses a used record and checks its id, group, link and range.
 *
 * @throws {SifFormatError} see {@link SifFormatErrorCode}
 */
export function parseDescriptor(
  raw: Uint8Array,
  index: number,
  bounds: DescriptorBounds,
): SifDescriptor {
  const record: RecordView = {
    view: new DataView(raw.buffer, raw.byteOffset, raw.byteLength),
    index,
    start: bounds.tableOffset + index * DESCRIPTOR_BYTES,
  };
  const { view } = record;
  const dataType = view.getInt32(DescriptorOffset.dataType, true);
  return {
    index,
    id: readId(record),
    dataType,
    typeName: dataTypeName(dataType),
    group: readGroup(record),
    link: readLink(record),
    ...readRange(record, bounds),
    sizeWithPadding: view.getBigInt64(DescriptorOffset.sizeWithPadding, true),
    createdAt: view.getBigInt64(DescriptorOffset.createdAt, true),
    modifiedAt: view.getBigInt64(DescriptorOffset.modifiedAt, true),
    uid: view.getBigInt64(DescriptorOffset.uid, true),
    gid: view.getBigInt64(DescriptorOffset.gid, true),
    name: decodeText(trimNuls(raw.subarray(DescriptorOffset.name, DescriptorOffset.extra))),
    metadata: parseMetadata(dataType, raw.subarray(DescriptorOffset.extra, DESCRIPTOR_BYTES)),
    raw,
  };
}

interface RecordView {
  readonly view: DataView;
  readonly index: number;
  readonly start: number;
}

/** Creates the error for a field of a record. */
export function descriptorError(
  code: SifFormatErrorCode,
  place: { readonly index: number; readonly start: number },
  fault: { readonly field: keyof typeof DescriptorOffset; readonly found: string },
): SifFormatError {
  return new SifFormatError({
    code,
    field: `descriptors[${place.index}].${fault.field}`,
    offset: place.start + DescriptorOffset[fault.field],
    found: fault.found,
  });
}

function readId(record: RecordView): number {
  const id = record.view.getUint32(DescriptorOffset.id, true);
  if (id >= 1 && id <= MAX_ID) return id;
  const found = `is ${id}, must be from 1 to ${MAX_ID}`;
  throw descriptorError("sif-object-id", record, { field: "id", found });
}

function readGroup(record: RecordView): number | null {
  const bits = record.view.getUint32(DescriptorOffset.group, true);
  if (bits < GROUP_BITS) {
    const found = `is 0x${bits.toString(16)}, its top four bits must be set`;
    throw descriptorError("sif-group-id", record, { field: "group", found });
  }
  const group = bits - GROUP_BITS;
  return group === 0 ? null : group;
}

function readLink(record: RecordView): SifLink | null {
  const bits = record.view.getUint32(DescriptorOffset.link, true);
  if (bits === 0) return null;
  if (bits <= MAX_ID) return { kind: "object", id: bits };
  if (bits >= GROUP_BITS) return { kind: "group", id: bits - GROUP_BITS };
  const found = `is 0x${bits.toString(16)}, its top four bits must be all set or all clear`;
  throw descriptorError("sif-link-id", record, { field: "link", found });
}

function readRange(
  record: RecordView,
  bounds: DescriptorBounds,
): Pick<SifDescriptor, "offset" | "size"> {
  const offset = record.view.getBigInt64(DescriptorOffset.offset, true);
  const size = record.view.getBigInt64(DescriptorOffset.size, true);
  if (offset < BigInt(bounds.dataOffset) || offset > BigInt(bounds.fileSize)) {
    const found = `is ${offset}, must be from ${bounds.dataOffset} to ${bounds.fileSize}`;
    throw descriptorError("sif-object-range", record, { field: "offset", found });
  }
  const available = BigInt(bounds.fileSize) - offset;
  if (size < 0n || size > available) {
    const found = `is ${size}, must be from 0 to ${available}, the bytes left in the file`;
    throw descriptorError("sif-object-range", record, { field: "size", found });
  }
  return { offset: Number(offset), size: Number(size) };
}
