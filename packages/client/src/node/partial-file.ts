import { constants } from "node:fs";
import { type FileHandle, lstat, open, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

import { LibraryError } from "../errors.js";
import type { SinkImage } from "../transfer/byte-sink.js";
import { onFile } from "./file-error.js";
import { newPartialNames, type PartialNames } from "./partial-names.js";
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
  readonly data: FileHandle;
  /** What an earlier process journalled. */
  readonly stretches: JournalContent["stretches"];
  /**
   * Adds lines to the journal if the partial is still ours.
   *
   * @throws LostPartial when another process took it, because it held this one for gone.
   */
  readonly append: (lines: readonly JournalLine[]) => Promise<void>;
  readonly close: () => Promise<void>;
  /** Removes both files; close it first. */
  readonly remove: () => Promise<void>;
}

/** Another process took the partial over; nothing of it may be used here any more. */
export class LostPartial extends Error {
  override readonly name = "LostPartial";
}

/** How long an owner that cannot be looked at has to be silent until it counts as gone, in milliseconds. */
const LEASE_MS = 5 * 60_000;

/** SIF files can be run: by whom the process's umask allows. */
const DATA_MODE = 0o777;

/**
 * A new partial of an image for a destination.
 *
 * @throws LibraryError `file-not-writable`
 */
export async function createPartial(destination: string, image: SinkImage): Promise<PartialFile> {
  const names = fullNames(dirname(destination), newPartialNames(destination, image.sha256));
  return onFile("file-not-writable", names.data, async () => {
    // The journal first: data without a journal belong to nobody.
    const journal = await open(names.journal, "ax", 0o600);
    try {
      await journal.appendFile(journalLine({ image }) + (await ownerLine()));
      const data = await open(names.data, "wx+", DATA_MODE);
      return partialFile(names, { journal, data }, []);
    } catch (error) {
      await journal.close();
      await rm(names.journal, { force: true });
      throw error;
    }
  });
}

/**
 * Takes a partial over if nobody owns it any more: whoever renames its journal has it. Undefined when it is owned, is
 * not of this image, or someone else was faster.
 *
 * @param fileSystemMs now, by the clock that stamps the files of this folder
 */
export async function adoptPartial(
  found: PartialNames,
  { destination, image, fileSystemMs }: Adoption,
): Promise<PartialFile | undefined> {
  const folder = dirname(destination);
  const old = fullNames(folder, found);
  const names = fullNames(folder, newPartialNames(destination, image.sha256));
  if (!(await isAbandoned(old.journal, image, fileSystemMs))) return undefined;
  const journal = await open(old.journal, APPEND_NOFOLLOW).catch(() => undefined);
  if (journal === undefined) return undefined;
  try {
    await rename(old.journal, names.journal);
    // Another process was faster, and lives: it gets it back.
    if (!(await isAbandoned(names.journal, image, fileSystemMs))) {
      await rename(names.journal, old.journal);
      throw new LostPartial("taken");
    }
    return await takeOver(journal, old, names);
  } catch {
    await journal.close();
    return undefined;
  }
}

async function takeOver(
  journal: FileHandle,
  old: PartialNames,
  names: PartialNames,
): Promise<PartialFile> {
  try {
    const content = parseJournal(await readFile(names.journal, "utf8"));
    // On a line of its own: the last one may have been cut off.
    await journal.appendFile(`\n${await ownerLine()}`);
    await rename(old.data, names.data);
    const data = await openOwnData(names.data);
    return partialFile(names, { journal, data }, content?.stretches ?? []);
  } catch (error) {
    await rm(names.data, { force: true });
    await rm(names.journal, { force: true });
    throw error;
  }
}

/** Which image is wanted where. */
export interface Adoption {
  readonly destination: string;
  readonly image: SinkImage;
  readonly fileSystemMs: number;
}

const APPEND_NOFOLLOW = constants.O_WRONLY | constants.O_APPEND | (constants.O_NOFOLLOW ?? 0);

/** Whether nobody works on the partial with this journal; with an image, also whether it is one of that image. */
export async function isAbandoned(
  journal: string,
  image: SinkImage | undefined,
  fileSystemMs: number,
): Promise<boolean> {
  const stats = await lstat(journal).catch(() => undefined);
  if (stats?.isFile() !== true || stats.uid !== userId(stats.uid)) return false;
  const content = parseJournal(await readFile(journal, "utf8").catch(() => ""));
  const isSilent = fileSystemMs - stats.mtimeMs > LEASE_MS;
  // A journal of which nothing can be read may be about to be written.
  if (content === undefined) return image === undefined && isSilent;
  if (image !== undefined && !isSameImage(content.image, image)) return false;
  if (content.owner === undefined) return true;
  const state = await stateOf(content.owner);
  return state === "gone" || (state === "unknown" && isSilent);
}

function isSameImage(a: SinkImage, b: SinkImage): boolean {
  return a.sha256 === b.sha256 && a.sizeBytes === b.sizeBytes;
}

/** Someone else's files could be changed by them later; and another name of the data would be written through. */
async function openOwnData(path: string): Promise<FileHandle> {
  const data = await open(path, constants.O_RDWR | (constants.O_NOFOLLOW ?? 0));
  const stats = await data.stat();
  if (stats.isFile() && stats.nlink === 1 && stats.uid === userId(stats.uid)) return data;
  await data.close();
  throw new LibraryError("file-not-readable", `${path} is not a file of this user alone`);
}

/** The user's id; where users have none, the other's. */
function userId(other: number): number {
  return process.getuid?.() ?? other;
}

async function ownerLine(): Promise<string> {
  return journalLine({ owner: await thisProcess() });
}

function fullNames(folder: string, { data, journal }: PartialNames): PartialNames {
  return { data: join(folder, data), journal: join(folder, journal) };
}

function partialFile(
  names: PartialNames,
  { journal, data }: { readonly journal: FileHandle; readonly data: FileHandle },
  stretches: JournalContent["stretches"],
): PartialFile {
  return {
    path: names.data,
    data,
    stretches,
    async append(lines) {
      const [there, ours] = await Promise.all([
        lstat(names.journal, { bigint: true }).catch(() => undefined),
        journal.stat({ bigint: true }),
      ]);
      if (there?.ino !== ours.ino || there.dev !== ours.dev) {
        throw new LostPartial(`${names.data} was taken over by another process`);
      }
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
