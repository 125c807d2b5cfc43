import { lstat, open, readdir, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

import type { SinkImage } from "../transfer/byte-sink.js";
import {
  adoptPartial,
  createPartial,
  dataName,
  isAbandoned,
  type PartialFile,
} from "./partial-file.js";
import {
  type FoundPartial,
  newPartialNames,
  partialOfJournal,
  partialStem,
  randomOfData,
} from "./partial-names.js";
import { parseJournal } from "./pull-journal.js";

/** How long an abandoned partial is kept for a later pull, in milliseconds. */
export const ORPHAN_MS = 7 * 24 * 60 * 60_000;

/**
 * Returns the partial to continue: of the image's abandoned partials in the folder, for any
 * destination, the one with the most bytes; else a new one.
 *
 * @throws LibraryError `file-not-writable`
 */
export async function findPartial(destination: string, image: SinkImage): Promise<PartialFile> {
  const fresh = await createPartial(destination, image);
  if (image.sizeBytes === 0) return fresh;
  const fileSystemMs = await stampMs(fresh.path);
  for (const found of await partialsOf(image, fresh.path)) {
    const adopted = await adoptPartial(found, { destination, image, fileSystemMs });
    if (adopted === undefined) continue;
    await fresh.close();
    await fresh.remove();
    return adopted;
  }
  return fresh;
}

/** Returns the other partials of an image in the same folder, those with the most bytes first. */
async function partialsOf(image: SinkImage, beside: string): Promise<FoundPartial[]> {
  const folder = dirname(beside);
  const found: { readonly partial: FoundPartial; readonly bytes: number }[] = [];
  for (const name of await namesIn(folder)) {
    const partial = partialOfJournal(name);
    const isWanted = partial?.digest12 === image.sha256.slice(0, 12);
    if (!isWanted || join(folder, partial.data) === beside) continue;
    const content = parseJournal(await readFile(join(folder, name), "utf8").catch(() => ""));
    const bytes = content?.ranges.reduce((sum, { length }) => sum + length, 0) ?? 0;
    found.push({ partial, bytes });
  }
  return found.toSorted((a, b) => b.bytes - a.bytes).map(({ partial }) => partial);
}

/** A search of a folder for useless partials. */
interface Sweep {
  readonly destination: string;
  /** The image whose partials for the destination may still be needed. Undefined: none. */
  readonly sha256: string | undefined;
  /** The current time by the clock that stamps the files of this folder. */
  readonly fileSystemMs: number;
}

/**
 * Removes what no pull will continue: old abandoned partials, partials whose process was killed
 * before it recorded what they are, and partials of other images for the same destination, whose
 * image was replaced in the library. Never rejects, because it is only cleanup.
 */
export async function sweepPartials(sweep: Sweep): Promise<void> {
  const folder = dirname(sweep.destination);
  const names = await namesIn(folder);
  const journalled = new Set(
    names.flatMap((name) => {
      const found = partialOfJournal(name);
      return [found?.random, found?.formerRandom];
    }),
  );
  for (const name of names) {
    const path = join(folder, name);
    const found = partialOfJournal(name);
    const random = randomOfData(name);
    const { mtimeMs, size } = await lstat(path).catch(() => ({ mtimeMs: Infinity, size: 1 }));
    const isOld = sweep.fileSystemMs - mtimeMs > ORPHAN_MS;
    if (found !== undefined && (isOld || size === 0 || isUnwanted(found, sweep))) {
      await removeAbandoned(folder, found, sweep.fileSystemMs);
    } else if (isOld && random !== undefined && !journalled.has(random)) {
      await rm(path, { force: true }).catch(() => {});
    }
  }
}

/**
 * Removes the abandoned partials for a finished destination, which pulls leave that are killed at
 * their very end.
 */
export async function sweepFinished(destination: string): Promise<void> {
  const sweep = { destination, sha256: undefined, fileSystemMs: 0 };
  const found = (await namesIn(dirname(destination))).map(partialOfJournal);
  if (!found.some((partial) => partial !== undefined && isUnwanted(partial, sweep))) return;
  await sweepPartials({ ...sweep, fileSystemMs: await clockOf(destination) });
}

/**
 * Returns the current time by the clock that stamps the files beside `destination`, 0 where no file
 * can be created.
 */
async function clockOf(destination: string): Promise<number> {
  const { data } = newPartialNames(destination, "0".repeat(64));
  const path = join(dirname(destination), data);
  try {
    const file = await open(path, "wx");
    await file.close();
    return await stampMs(path);
  } catch {
    return 0;
  } finally {
    await rm(path, { force: true }).catch(() => {});
  }
}

function isUnwanted({ stem, digest12 }: FoundPartial, { destination, sha256 }: Sweep): boolean {
  return stem === partialStem(destination) && digest12 !== sha256?.slice(0, 12);
}

async function removeAbandoned(
  folder: string,
  found: FoundPartial,
  fileSystemMs: number,
): Promise<void> {
  const journal = join(folder, found.journal);
  if (!(await isAbandoned(journal, undefined, fileSystemMs))) return;
  // The data first: while the journal exists, the data can be found.
  await rm(join(folder, await dataName(folder, found)), { force: true }).catch(() => {});
  await rm(journal, { force: true }).catch(() => {});
}

/**
 * Returns when a file was last written, by the clock of its file system, or the current time if
 * unknown.
 */
export async function stampMs(path: string): Promise<number> {
  return lstat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => Date.now(),
  );
}

async function namesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter(
    (name) => partialOfJournal(name) !== undefined || randomOfData(name) !== undefined,
  );
}
