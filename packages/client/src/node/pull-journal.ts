import type { SinkImage } from "../transfer/byte-sink.js";
import type { ProcessOwner } from "./process-owner.js";
import type { ByteRange } from "../transfer/byte-range.js";

/** A stretch of a partial file that was written, with the sum of its bytes that `addToSum` makes. */
export interface JournalledRange extends ByteRange {
  readonly sum: number;
}

/** What a journal says. */
export interface JournalContent {
  readonly image: SinkImage;
  /** The last owner; undefined: it let go. */
  readonly owner: ProcessOwner | undefined;
  /** In the order in which they were written; they may overlap. */
  readonly ranges: readonly JournalledRange[];
}

/** One line of a journal. */
export type JournalLine =
  | { readonly image: SinkImage }
  | { readonly owner: ProcessOwner | null }
  | { readonly stretch: readonly [offset: number, length: number, sum: number] }
  /** A sign of life. */
  | { readonly alive: true };

/** A line as it is written. */
export function journalLine(line: JournalLine): string {
  return `${JSON.stringify(line)}\n`;
}

/**
 * What a journal says; undefined when it does not say which image it is about. Lines that make no sense are passed
 * over: the last one may have been cut off.
 */
export function parseJournal(text: string): JournalContent | undefined {
  const lines = text.split("\n").map(parseLine);
  const image = lines.map((line) => imageOf(line["image"])).find((found) => found !== undefined);
  if (image === undefined) return undefined;
  const owners = lines.filter((line) => "owner" in line);
  const ranges = lines
    .map((line) => rangeOf(line["stretch"], image.sizeBytes))
    .filter((range) => range !== undefined);
  return { image, owner: ownerOf(owners.at(-1)?.["owner"]), ranges };
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function parseLine(line: string): Fields {
  try {
    return fieldsOf(JSON.parse(line));
  } catch {
    return {};
  }
}

function imageOf(value: unknown): SinkImage | undefined {
  const { sizeBytes, sha256 } = fieldsOf(value);
  if (typeof sha256 !== "string" || !/^[0-9a-f]{64}$/.test(sha256)) return undefined;
  return isCount(sizeBytes) ? { sizeBytes, sha256 } : undefined;
}

function ownerOf(value: unknown): ProcessOwner | undefined {
  const { host, bootId, pidSpace, pid, startTime } = fieldsOf(value);
  const isOwner = isText(host) && isText(bootId) && isText(pidSpace) && isText(startTime);
  return isOwner && isCount(pid) && pid > 0
    ? { host, bootId, pidSpace, pid, startTime }
    : undefined;
}

function rangeOf(value: unknown, sizeBytes: number): JournalledRange | undefined {
  const [offset, length, sum] = Array.isArray(value) ? value : [];
  if (!isCount(offset) || !isCount(length) || !isCount(sum)) return undefined;
  return length > 0 && offset + length <= sizeBytes ? { offset, length, sum } : undefined;
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

/** One byte of so many is looked at. A disk loses pages of 4 KiB, or more at a time. */
const STEP_BYTES = 1024;

/** The offset basis and the prime of FNV-1a, for 32 bits. */
const BASIS = 0x811c9dc5;
const PRIME = 0x01000193;

/** The sum of a stretch without bytes. */
export const EMPTY_SUM = BASIS;

/**
 * Adds bytes that lie at `offset` of a file to the sum of those right before them: FNV-1a over one byte in 1024. It tells pages
 * that a disk has lost from what was written, at next to no cost; what it does not see, the SHA-256 of the whole does.
 */
export function addToSum(sum: number, offset: number, bytes: Uint8Array): number {
  let result = sum;
  const first = (STEP_BYTES - (offset % STEP_BYTES)) % STEP_BYTES;
  for (let index = first; index < bytes.byteLength; index += STEP_BYTES) {
    result = Math.imul(result ^ (bytes[index] ?? 0), PRIME);
  }
  return result >>> 0;
}
