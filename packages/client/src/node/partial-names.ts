import { randomBytes } from "node:crypto";
import { basename } from "node:path";

/** The two files of an unfinished pull, in the folder of its destination. */
export interface PartialNames {
  /** The bytes so far. */
  readonly data: string;
  /** What is known of them. Who renames it owns both. */
  readonly journal: string;
}

/** Longest part of the destination's name that goes into a partial's; file names have 255 bytes. */
const MAX_STEM_BYTES = 180;

const JOURNAL_NAME = /^((.*)\.([0-9a-f]{12})\.[0-9a-f]{16}\.part)\.journal$/;
const DATA_NAME = /^[^/]*\.[0-9a-f]{12}\.[0-9a-f]{16}\.part$/;

/** New names for a partial of an image for a destination: `<name>.<digest12>.<random>.part`. */
export function newPartialNames(destination: string, sha256: string): PartialNames {
  const random = randomBytes(8).toString("hex");
  const data = `${partialStem(destination)}.${sha256.slice(0, 12)}.${random}.part`;
  return { data, journal: `${data}.journal` };
}

/** What the names of all partials for a destination begin with, before the first dot of ours. */
export function partialStem(destination: string): string {
  const stem = Buffer.from(basename(destination)).subarray(0, MAX_STEM_BYTES).toString("utf8");
  return stem.replaceAll("\ufffd", "");
}

/** What the name of a journal says. */
export interface FoundPartial extends PartialNames {
  readonly stem: string;
  /** The start of the image's digest. */
  readonly digest12: string;
}

/** The partial that a journal of this name belongs to. */
export function partialOfJournal(name: string): FoundPartial | undefined {
  const [, data, stem, digest12] = JOURNAL_NAME.exec(name) ?? [];
  if (data === undefined || stem === undefined || digest12 === undefined) return undefined;
  return { data, journal: name, stem, digest12 };
}

/** Whether a file of this name may be the data of a partial. */
export function isPartialData(name: string): boolean {
  return DATA_NAME.test(name);
}
