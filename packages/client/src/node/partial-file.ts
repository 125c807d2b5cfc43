import { type BigIntStats, constants } from "node:fs";
import { type FileHandle, lstat, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

import { LibraryError } from "../errors/library-error.js";
import type { SinkImage } from "../transfer/byte-sink.js";
import { onFile, isThere } from "./file-error.js";
import { isOnLocalDisk } from "./disk.js";
import {
  type FoundPartial,
  newPartialNames,
  type PartialNames,
  randomOfData,
} from "./partial-names.js";
import { stateOf, thisProcess } from "./process-owner.js";
import {
  type JournalContent,
  type JournalLine,
  journalLine,
  parseJournal,
} from "./pull-journal.js";

/** The two open files of an unfinished pull that this process owns. */
export interface PartialFile {
  readonly path: string;
  readonly journalPath: string;
  readonly data: FileHandle;
  /** What an earlier process journalled. */
  readonly ranges: JournalContent["ranges"];
  /** Checks that no other process took the partial over in the belief that this one is gone. */
  readonly isOurs: () => Promise<boolean>;
  /**
   * Checks that the partial is still ours, unless that was done within the last second. A process
   * that was suspended has to do so before it writes again: another one may have finished the image
   * in this file meanwhile.
   *
   * @throws LostPartial
   */
  readonly assertOurs: () => Promise<void>;
  /**
   * Adds lines to the journal if the partial is still ours.
   *
   * @throws LostPartial
   */
  readonly append: (lines: readonly JournalLine[]) => Promise<void>;
  readonly close: () => Promise<void>;
  /** Removes both files. Close it first. */
  readonly remove: () => Promise<void>;
}

/** Another process took the partial over. This one must not use it any more. */
export class LostPartial extends Error {
  override readonly name = "LostPartial";
}

/**
 * How long an owner that cannot be examined has to be silent before it counts as gone, in
 * milliseconds.
 */
const LEASE_MS = 5 * 60_000;

/**
 * How long ownership is assumed without a check, in milliseconds: a small fraction of the lease.
 */
const LOOK_MS = 1_000;

/** SIF files are executable, as far as the process's umask allows. */
const DATA_MODE = 0o777;

/**
 * Creates a partial of an image for a destination.
 *
 * @throws LibraryError `file-not-writable`
 */
export async function createPartial(destination: string, image: SinkImage): Promise<PartialFile> {
  const names = fullNames(dirname(destination), newPartialNames(destination, image.sha256));
  const begin = journalLine({ image }) + journalLine({ owner: await thisProcess() });
  return onFile("file-not-writable", names.data, async () => {
    // The journal first: data without a journal have no owner.
    const journal = await open(names.journal, "ax", 0o600);
    try {
      await journal.appendFile(begin);
      const data = await open(names.data, "wx+", DATA_MODE);
      return await partialFile(names, { journal, data }, []);
    } catch (error) {
      await journal.close();
      await rm(names.journal, { force: true });
      throw error;
    }
  });
}

/**
 * Takes a partial over if it has no owner any more: the process that renames its journal owns it.
 * Returns undefined when it has an owner, is of another image, or another process was faster.
 *
 * @param fileSystemMs the current time by the clock that stamps the files of this folder
 */
export async function adoptPartial(
  found: FoundPartial,
  { destination, image, fileSystemMs }: Adoption,
): Promise<PartialFile | undefined> {
  const folder = dirname(destination);
  const old = join(folder, found.journal);
  if (!(await isAbandoned(old, image, fileSystemMs))) return undefined;
  const from = await dataName(folder, found);
  const random = randomOfData(from);
  const names = fullNames(folder, newPartialNames(destination, image.sha256, random));
  const journal = await open(old, APPEND_NOFOLLOW).catch(() => undefined);
  if (journal === undefined) return undefined;
  try {
    await rename(old, names.journal);
    // Another live process was faster: give it back.
    if (!(await isAbandoned(names.journal, image, fileSystemMs))) {
      await rename(names.journal, old);
      throw new LostPartial("taken");
    }
    return await takeOver(journal, join(folder, from), names);
  } catch {
    await journal.close();
    return undefined;
  }
}

async function takeOver(
  journal: FileHandle,
  from: string,
  names: PartialNames,
): Promise<PartialFile> {
  const content = parseJournal(await readFile(names.journal, "utf8"));
  // On a new line, because the last one may be incomplete.
  await journal.appendFile(`\n${journalLine({ owner: await thisProcess() })}`);
  // Another process may have taken it before this one recorded itself as the owner.
  const ours = await fileId(() => journal.stat({ bigint: true }));
  const there = await fileId(() => lstat(names.journal, { bigint: true }));
  if (there !== ours) throw new LostPartial("taken");
  try {
    await rename(from, names.data);
    const data = await openOwnData(names.data);
    return await partialFile(names, { journal, data }, content?.ranges ?? []);
  } catch (error) {
    await rm(names.data, { force: true });
    await rm(names.journal, { force: true });
    throw error;
  }
}

/**
 * Returns the name of a partial's data. The process that took it over may have been killed when
 * only the journal was renamed.
 */
export async function dataName(
  folder: string,
  { data, digest12, formerRandom }: FoundPartial,
): Promise<string> {
  if (formerRandom === undefined || (await isThere(join(folder, data)))) return data;
  const end = `.${digest12}.${formerRandom}.part`;
  const names = await readdir(folder).catch(() => []);
  return names.find((name) => name.endsWith(end)) ?? data;
}

/** Returns what identifies a file, empty when it does not exist. */
async function fileId(look: () => Promise<BigIntStats>): Promise<string> {
  return look().then(
    ({ dev, ino }) => `${dev}:${ino}`,
    () => "",
  );
}

/** Which image is wanted at which destination. */
export interface Adoption {
  readonly destination: string;
  readonly image: SinkImage;
  readonly fileSystemMs: number;
}

const APPEND_NOFOLLOW = constants.O_WRONLY | constants.O_APPEND | (constants.O_NOFOLLOW ?? 0);

/**
 * Whether no process works on the partial with this journal and, if `image` is given, it is of that
 * image.
 */
export async function isAbandoned(
  journal: string,
  image: SinkImage | undefined,
  fileSystemMs: number,
): Promise<boolean> {
  const stats = await lstat(journal).catch(() => undefined);
  if (stats?.isFile() !== true || stats.uid !== userId(stats.uid)) return false;
  const content = parseJournal(await readFile(journal, "utf8").catch(() => ""));
  const isSilent = fileSystemMs - stats.mtimeMs > LEASE_MS;
  // A journal without readable contents may be about to be written.
  if (content === undefined) return image === undefined && isSilent;
  if (image !== undefined && !isSameImage(content.image, image)) return false;
  if (content.owner === undefined) return true;
  const state = await stateOf(content.owner, await isOnLocalDisk(dirname(journal)));
  return state === "gone" || (state === "unknown" && isSilent);
}

function isSameImage(a: SinkImage, b: SinkImage): boolean {
  return a.sha256 === b.sha256 && a.sizeBytes === b.sizeBytes;
}

/**
 * Another user could change their own file later, and a second hard link would be written through.
 */
async function openOwnData(path: string): Promise<FileHandle> {
  const data = await open(path, constants.O_RDWR | (constants.O_NOFOLLOW ?? 0));
  const stats = await data.stat();
  if (stats.isFile() && stats.nlink === 1 && stats.uid === userId(stats.uid)) return data;
  await data.close();
  throw new LibraryError("file-not-readable", `${path} is not owned by this user alone`);
}

/** Returns the user's id, or the other's where users have none. */
function userId(other: number): number {
  return process.getuid?.() ?? other;
}

function fullNames(folder: string, { data, journal }: PartialNames): PartialNames {
  return { data: join(folder, data), journal: join(folder, journal) };
}

async function partialFile(
  names: PartialNames,
  { journal, data }: { readonly journal: FileHandle; readonly data: FileHandle },
  ranges: JournalContent["ranges"],
): Promise<PartialFile> {
  const ours = await fileId(() => journal.stat({ bigint: true }));
  let lookedMs = 0;
  const isOurs = async () => (await fileId(() => lstat(names.journal, { bigint: true }))) === ours;
  const look = async () => {
    if (!(await isOurs())) {
      throw new LostPartial(`${names.data} was taken over by another process`);
    }
    lookedMs = Date.now();
  };
  const assertOurs = async () => {
    if (Math.abs(Date.now() - lookedMs) >= LOOK_MS) await look();
  };
  return {
    path: names.data,
    journalPath: names.journal,
    data,
    ranges,
    isOurs,
    assertOurs,
    async append(lines) {
      await assertOurs();
      await onFile("file-not-writable", names.journal, () =>
        journal.appendFile(lines.map(journalLine).join("")),
      );
    },
    async close() {
      await Promise.allSettled([journal.close(), data.close()]);
    },
    async remove() {
      await rm(names.data, { force: true });
      await rm(names.journal, { force: true });
    },
  };
}
