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

const JOURNAL_NAME = /^(.+\.([0-9a-f]{12})\.[0-9a-f]{16}\.part)\.journal$/;
const DATA_NAME = /^.+\.[0-9a-f]{12}\.[0-9a-f]{16}\.part$/;

/** New names for a partial of an image for a destination: `<name>.<digest12>.<random>.part`. */
export function newPartialNames(destination: string, sha256: string): PartialNames {
  const stem = Buffer.from(basename(destination)).subarray(0, MAX_STEM_BYTES).toString("utf8");
  const data = `${stem.replaceAll("\ufffd", "")}.${sha256.slice(0, 12)}.${randomBytes(8).toString("hex")}.part`;
  return { data, journal: `${data}.journal` };
}

/** The partial that a journal of this name belongs to, and the start of its digest. */
export function partialOfJournal(
  name: string,
): (PartialNames & { readonly digest12: string }) | undefined {
  const [, data, digest12] = JOURNAL_NAME.exec(name) ?? [];
  if (data === undefined || digest12 === undefined) return undefined;
  return { data, journal: name, digest12 };
}

/** Whether a file of this name may be the data of a partial. */
export function isPartialData(name: string): boolean {
  return DATA_NAME.test(name);
}
