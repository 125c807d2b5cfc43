import { randomBytes } from "node:crypto";
import { basename } from "node:path";

/** The two files of an unfinished pull, in the folder of its destination. */
export interface PartialNames {
  /** The bytes so far. */
  readonly data: string;
  /** What is known of them. The process that renames it owns both. */
  readonly journal: string;
}

/** What the name of a journal says. */
export interface FoundPartial extends PartialNames {
  /** The name of the destination, or its start. */
  readonly stem: string;
  /** The first 12 digits of the image's digest. */
  readonly digest12: string;
  /** Tells the data apart from others. */
  readonly random: string;
  /**
   * The same before the takeover: a process may be killed before it has renamed the data as well.
   */
  readonly formerRandom: string | undefined;
}

/** Longest part of the destination's name in a partial's; file names have at most 255 bytes. */
const MAX_STEM_BYTES = 180;

const JOURNAL_NAME = /^(.*)\.([0-9a-f]{12})\.([0-9a-f]{16})(?:\.([0-9a-f]{16}))?\.part\.journal$/;
const DATA_NAME = /^.*\.[0-9a-f]{12}\.([0-9a-f]{16})\.part$/;

/**
 * Returns new names for a partial of an image for a destination: `<name>.<digest12>.<random>.part`,
 * and the same with `.journal`. After a takeover, the journal's name also contains the former
 * random part.
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

/**
 * Returns the start of the names of all partials for a destination, before the first dot of ours.
 */
export function partialStem(destination: string): string {
  const stem = Buffer.from(basename(destination)).subarray(0, MAX_STEM_BYTES).toString("utf8");
  return stem.replaceAll("\ufffd", "");
}

/** Returns the partial that a journal with this name belongs to. */
export function partialOfJournal(name: string): FoundPartial | undefined {
  const [, stem, digest12, random, formerRandom] = JOURNAL_NAME.exec(name) ?? [];
  if (stem === undefined || digest12 === undefined || random === undefined) return undefined;
  const data = `${stem}.${digest12}.${random}.part`;
  return { data, journal: name, stem, digest12, random, formerRandom };
}

/** Returns the random part in the name of a partial's data, undefined for other names. */
export function randomOfData(name: string): string | undefined {
  return DATA_NAME.exec(name)?.[1];
}
