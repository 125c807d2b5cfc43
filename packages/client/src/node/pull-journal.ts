import type { SinkImage } from "../transfer/byte-sink.js";
import type { ProcessOwner } from "./process-owner.js";
import type { ByteRange } from "../transfer/byte-range.js";

/** A range of a partial file that was written, with the sum that `addToSum` makes of its bytes. */
export interface JournalledRange extends ByteRange {
  readonly sum: number;
}

/** The contents of a journal. */
export interface JournalContent {
  readonly image: SinkImage;
  /** The last owner. Undefined: it released the partial. */
  readonly owner: ProcessOwner | undefined;
  /** In the order in which they were written. They may overlap. */
  readonly ranges: readonly JournalledRange[];
}

/** One line of a journal. The keys are a file format: `stretch` is a range. */
export type JournalLine =
  | { readonly image: SinkImage }
  | { readonly owner: ProcessOwner | null }
  | { readonly stretch: readonly [offset: number, length: number, sum: number] }
  /** A sign of life. */
  | { readonly alive: true };

/** Returns a line as it is written. */
export function journalLine(line: JournalLine): string {
  return `${JSON.stringify(line)}\n`;
}

/**
 * Parses a journal. Returns undefined when it does not name its image. Invalid lines are skipped,
 * because the last one may be incomplete.
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

/** One byte in this many is summed. Disks lose whole pages of 4 KiB or more. */
const STEP_BYTES = 1024;

/** The offset basis and the prime of 32-bit FNV-1a. */
const BASIS = 0x811c9dc5;
const PRIME = 0x01000193;

/** The sum of an empty range. */
export const EMPTY_SUM = BASIS;

/**
 * Adds bytes at `offset` of a file to the sum of the bytes directly before them: FNV-1a over one
 * byte in 1024. It detects pages of the file that a disk has lost, at hardly any cost. The SHA-256
 * of the whole detects everything else.
 */
export function addToSum(sum: number, offset: number, bytes: Uint8Array): number {
  let result = sum;
  const first = (STEP_BYTES - (offset % STEP_BYTES)) % STEP_BYTES;
  for (let index = first; index < bytes.byteLength; index += STEP_BYTES) {
    result = Math.imul(result ^ (bytes[index] ?? 0), PRIME);
  }
  return result >>> 0;
}
