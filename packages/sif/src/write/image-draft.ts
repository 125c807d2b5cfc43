import { SifDataType } from "../format/data-type.js";
import { DESCRIPTOR_BYTES, DescriptorOffset, isUsedRecord } from "../format/descriptor.js";
import { HeaderOffset, NO_TIME } from "../format/header.js";
import { SifPartType } from "../format/metadata.js";
import type { SifImage } from "../format/read-sif.js";
import { SifWriteError } from "./write-error.js";
import type { SifStore } from "./sif-store.js";

/** The header and descriptor table of an image that is being changed. */
export interface ImageDraft {
  readonly header: DataView<ArrayBuffer>;
  readonly table: Uint8Array<ArrayBuffer>;
}

/** The architecture code of an image without a primary partition. */
export const NO_ARCH = new TextEncoder().encode("00\0");

/** Returns a draft with copies of an image's header and table. */
export function draftOf({ header, table }: SifImage): ImageDraft {
  return { header: new DataView(header.raw.slice().buffer), table: table.slice() };
}

/** Writes a draft's table, then its header. */
export async function writeDraft(store: SifStore, { header, table }: ImageDraft): Promise<void> {
  for (const record of usedRecords(table)) {
    // Readers take any value other than 0 as used. Writers store 1.
    record.setUint8(DescriptorOffset.used, 1);
  }
  const tableOffset = getNumber(header, HeaderOffset.descriptorsOffset);
  if (table.length > 0) await store.write(tableOffset, table);
  await store.write(0, new Uint8Array(header.buffer));
}

/** Returns a view of one record of a table. */
export function recordAt(table: Uint8Array<ArrayBuffer>, index: number): DataView<ArrayBuffer> {
  const start = table.byteOffset + index * DESCRIPTOR_BYTES;
  return new DataView(table.buffer, start, DESCRIPTOR_BYTES);
}

/** Returns views of the used records of a table, in order. */
export function usedRecords(table: Uint8Array<ArrayBuffer>): DataView<ArrayBuffer>[] {
  const count = table.length / DESCRIPTOR_BYTES;
  return Array.from({ length: count }, (_, index) => recordAt(table, index)).filter((record) =>
    isUsedRecord(bytesOf(record)),
  );
}

/** Returns the bytes behind a view. */
export function bytesOf(view: DataView<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

/** Returns an i64 field as a number. All fields of drafts were checked by us or written by us. */
export function getNumber(view: DataView, offset: number): number {
  return Number(view.getBigInt64(offset, true));
}

/** Sets an i64 field. */
export function setNumber(view: DataView, offset: number, value: number | bigint): void {
  view.setBigInt64(offset, BigInt(value), true);
}

/**
 * Returns the size of the data section up to the end of its last object. The header's value may be
 * larger, after deletions.
 */
export function usedDataBytes({ header, table }: ImageDraft): number {
  const dataOffset = getNumber(header, HeaderOffset.dataOffset);
  const ends = usedRecords(table).map(
    (record) =>
      getNumber(record, DescriptorOffset.offset) + getNumber(record, DescriptorOffset.size),
  );
  return ends.reduce((size, end) => Math.max(size, end - dataOffset), 0);
}

/** Reports whether a record is that of a primary system partition. */
export function isPrimaryRecord(record: DataView): boolean {
  return (
    record.getInt32(DescriptorOffset.dataType, true) === SifDataType.partition &&
    record.getInt32(DescriptorOffset.extra + 4, true) === SifPartType.primary
  );
}

/** Sets the header's architecture to that of a partition's record, or to none. */
export function setHeaderArch({ header }: ImageDraft, record: DataView<ArrayBuffer> | null): void {
  const start = DescriptorOffset.extra + 8;
  const code = record === null ? NO_ARCH : bytesOf(record).subarray(start, start + 3);
  bytesOf(header).set(code, HeaderOffset.arch);
}

/** Adds to the header's number of free records. */
export function addFreeRecords({ header }: ImageDraft, count: number): void {
  const free = getNumber(header, HeaderOffset.descriptorsFree);
  setNumber(header, HeaderOffset.descriptorsFree, free + count);
}

/** The time that a write stores. */
export interface WriteTimeOptions {
  /** Time to store; `null` for none. Default: now, or none if the image is deterministic. */
  readonly time?: Date | null;
}

/** Converts a time to Unix seconds, rounded down. */
export function sifTimeFrom(time: Date | null): bigint {
  if (time === null) return NO_TIME;
  const seconds = Math.floor(time.getTime() / 1000);
  if (Number.isNaN(seconds)) throw new SifWriteError("bad-id", "the time is not a valid date");
  return BigInt(seconds);
}
