import { randomBytes } from "node:crypto";
import { basename } from "node:path";

/** The two files of an unfinished pull, in the folder of its destination. */
export interface PartialNames {
  /** The bytes so far. */
  readonly data: string;
  /** What is known of them. Who renames it owns both. */
  readonly journal: string;
}

/** What the name of a journal says. */
export interface FoundPartial extends PartialNames {
  /** What the name of the destination began with, or was. */
  readonly stem: string;
  /** The start of the image's digest. */
  readonly digest12: string;
  /** What tells the data apart from others. */
  readonly random: string;
  /** What told them apart before they were taken over: a process may be killed before it has renamed them, too. */
  readonly formerRandom: string | undefined;
}

/** Longest part of the destination's name that goes into a partial's; file names have 255 bytes. */
const MAX_STEM_BYTES = 180;

const JOURNAL_NAME = /^(.*)\.([0-9a-f]{12})\.([0-9a-f]{16})(?:\.([0-9a-f]{16}))?\.part\.journal$/;
const DATA_NAME = /^.*\.[0-9a-f]{12}\.([0-9a-f]{16})\.part$/;

/**
 * New names for a partial of an image for a destination: `<name>.<digest12>.<random>.part`, and the same with `.journal`.
 * When it is taken over, the journal's has the former random part, too.
 */
export function newPartialNames(
  destination: string,
  sha256: string,
  formerRandom?: string,
): PartialNames {
  const random = randomBytes(8).toString("hex");
  const begin = `${partialStem(destination)}.${sha256.slice(0, 12)}.${random}`;
  const former = formerRandom === undefined ? "" : `.${formerRandom}`;
  return { data: `${begin}.part`, journal: `${begin}${former}.part.journal` };
}

/** What the names of all partials for a destination begin with, before the first dot of ours. */
export function partialStem(destination: string): string {
  const stem = Buffer.from(basename(destination)).subarray(0, MAX_STEM_BYTES).toString("utf8");
  return stem.replaceAll("\ufffd", "");
}

/** The partial that a journal of this name belongs to. */
export function partialOfJournal(name: string): FoundPartial | undefined {
  const [, stem, digest12, random, formerRandom] = JOURNAL_NAME.exec(name) ?? [];
  if (stem === undefined || digest12 === undefined || random === undefined) return undefined;
  const data = `${stem}.${digest12}.${random}.part`;
  return { data, journal: name, stem, digest12, random, formerRandom };
}

/** The random part of the name of a partial's data; undefined for other names. */
export function randomOfData(name: string): string | undefined {
  return DATA_NAME.exec(name)?.[1];
}
