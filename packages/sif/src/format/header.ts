import { archFromCode } from "./arch.js";
import { SifFormatError, type SifFormatErrorCode } from "./format-error.js";
import { DESCRIPTOR_BYTES } from "./descriptor.js";
import { decodeText, untilNul } from "../bytes/text.js";
import { formatUuid } from "./uuid.js";

/** Size of the global header, in bytes. */
export const HEADER_BYTES = 128;

/**
 * Most descriptor records that the reader accepts: 65,536, a table of 36.6 MiB.
 *
 * The format could number 2^32 records. Existing images have 48, or as many as they have objects.
 */
export const MAX_DESCRIPTORS = 65_536;

/** Byte offsets of the header's fields. */
export const HeaderOffset = {
  launchScript: 0,
  magic: 32,
  version: 42,
  arch: 45,
  id: 48,
  createdAt: 64,
  modifiedAt: 72,
  descriptorsFree: 80,
  descriptorsTotal: 88,
  descriptorsOffset: 96,
  descriptorsSize: 104,
  dataOffset: 112,
  dataSize: 120,
} as const;

const MAGIC = "SIF_MAGIC\0";
const VERSION = "01\0";

/** The global header of an image, with its bounds checked. */
export interface SifHeader {
  /** Text that runs when the file is executed, up to its first NUL. Untrusted; often `""`. */
  readonly launchScript: string;
  /** Always `01`. */
  readonly version: string;
  /** Go's name of the architecture that the header claims, or `unknown`. No signature covers it. */
  readonly arch: string;
  /** Lower-case UUID of the image; all zeros if it has none. */
  readonly id: string;
  /** Unix seconds; any 64-bit value occurs. */
  readonly createdAt: bigint;
  /** Unix seconds; any 64-bit value occurs. */
  readonly modifiedAt: bigint;
  /** Unused descriptor records. */
  readonly descriptorsFree: number;
  /** All descriptor records. */
  readonly descriptorsTotal: number;
  /** File offset of the descriptor table, in bytes. */
  readonly descriptorsOffset: number;
  /**
   * Size of the descriptor table in bytes, as the header claims; at least what the records need.
   */
  readonly descriptorsSize: number;
  /**
   * File offset of the data section, in bytes. Without objects it may lie beyond the end of the
   * file.
   */
  readonly dataOffset: number;
  /** Size of the data section in bytes, as the header claims. */
  readonly dataSize: number;
  /** The 128 bytes, as in the file. */
  readonly raw: Uint8Array;
}

/**
 * Parses the header of an image of `fileSize` bytes and checks every number against that size.
 *
 * @throws {SifFormatError} see {@link SifFormatErrorCode}
 */
export function parseHeader(raw: Uint8Array, fileSize: number): SifHeader {
  requireText(raw, "magic", { text: MAGIC, code: "sif-bad-magic" });
  requireText(raw, "version", { text: VERSION, code: "sif-bad-version" });
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const table = parseTableBounds(view, fileSize);
  return {
    launchScript: decodeText(untilNul(raw.subarray(0, 32))),
    version: "01",
    arch: archFromCode(raw.subarray(HeaderOffset.arch, HeaderOffset.arch + 3)),
    id: formatUuid(raw.subarray(HeaderOffset.id, HeaderOffset.id + 16)),
    createdAt: view.getBigInt64(HeaderOffset.createdAt, true),
    modifiedAt: view.getBigInt64(HeaderOffset.modifiedAt, true),
    ...table,
    ...parseDataBounds(view, table.descriptorsOffset + table.descriptorsTotal * DESCRIPTOR_BYTES),
    raw,
  };
}

function requireText(
  raw: Uint8Array,
  field: "magic" | "version",
  expected: { readonly text: string; readonly code: SifFormatErrorCode },
): void {
  const offset = HeaderOffset[field];
  const found = decodeText(raw.subarray(offset, offset + expected.text.length));
  if (found === expected.text) return;
  throw new SifFormatError({
    code: expected.code,
    field,
    offset,
    found: `is ${JSON.stringify(found)}, a SIF image has ${JSON.stringify(expected.text)}`,
  });
}

type TableBounds = Pick<
  SifHeader,
  "descriptorsFree" | "descriptorsTotal" | "descriptorsOffset" | "descriptorsSize"
>;

function parseTableBounds(view: DataView, fileSize: number): TableBounds {
  const descriptorsTotal = readBounded(view, "descriptorsTotal", {
    code: "sif-descriptor-count",
    min: 0,
    max: MAX_DESCRIPTORS,
  });
  const descriptorsFree = readBounded(view, "descriptorsFree", {
    code: "sif-free-count",
    min: 0,
    max: descriptorsTotal,
  });
  const needed = descriptorsTotal * DESCRIPTOR_BYTES;
  const descriptorsSize = readBounded(view, "descriptorsSize", {
    code: "sif-table-range",
    min: needed,
    max: Number.MAX_SAFE_INTEGER,
  });
  const descriptorsOffset = readBounded(view, "descriptorsOffset", {
    code: "sif-table-range",
    min: HEADER_BYTES,
    // An image created with capacity 0 ends before its empty table would start.
    max: descriptorsTotal === 0 ? Number.MAX_SAFE_INTEGER : fileSize - needed,
  });
  return { descriptorsFree, descriptorsTotal, descriptorsOffset, descriptorsSize };
}

function parseDataBounds(
  view: DataView,
  tableEnd: number,
): Pick<SifHeader, "dataOffset" | "dataSize"> {
  const code = "sif-data-range";
  const max = Number.MAX_SAFE_INTEGER;
  const dataOffset = readBounded(view, "dataOffset", { code, min: tableEnd, max });
  const dataSize = readBounded(view, "dataSize", { code, min: 0, max: max - dataOffset });
  return { dataOffset, dataSize };
}

interface Bounds {
  readonly code: SifFormatErrorCode;
  readonly min: number;
  readonly max: number;
}

function readBounded(view: DataView, field: keyof typeof HeaderOffset, bounds: Bounds): number {
  const offset = HeaderOffset[field];
  const value = view.getBigInt64(offset, true);
  if (value >= BigInt(bounds.min) && value <= BigInt(bounds.max)) return Number(value);
  throw new SifFormatError({
    code: bounds.code,
    field,
    offset,
    found: `is ${value}, must be from ${bounds.min} to ${bounds.max}`,
  });
}

/**
 * "No time" as SIF stores it: 0001-01-01T00:00:00Z in Unix seconds, the zero value of Go's
 * `time.Time`. It differs from 0, which is the time 1970-01-01.
 */
export const NO_TIME = -62_135_596_800n;

// The range of an ECMAScript `Date`, in seconds.
const MAX_DATE_SECONDS = 8_640_000_000_000n;

/**
 * Converts a SIF time, in Unix seconds. Returns `null` for {@link NO_TIME} and for values that no
 * `Date` can hold: the fields are 64 bits of untrusted input.
 */
export function dateFromSifTime(seconds: bigint): Date | null {
  const inRange = seconds >= -MAX_DATE_SECONDS && seconds <= MAX_DATE_SECONDS;
  if (seconds === NO_TIME || !inRange) return null;
  return new Date(Number(seconds) * 1000);
}
