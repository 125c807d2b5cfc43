import { lstat, readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

import type { SinkImage } from "../transfer/byte-sink.js";
import { adoptPartial, createPartial, isAbandoned, type PartialFile } from "./partial-file.js";
import {
  type FoundPartial,
  isPartialData,
  partialOfJournal,
  partialStem,
} from "./partial-names.js";

/** How long an abandoned partial is kept for a pull that may go on with it, in milliseconds. */
export const ORPHAN_MS = 7 * 24 * 60 * 60_000;

/**
 * The partial to go on with: an abandoned one of the image, of whatever destination in the folder, else a new one.
 *
 * @throws LibraryError `file-not-writable`
 */
export async function findPartial(destination: string, image: SinkImage): Promise<PartialFile> {
  const fresh = await createPartial(destination, image);
  if (image.sizeBytes === 0) return fresh;
  const folder = dirname(destination);
  const fileSystemMs = await stampMs(fresh.path);
  for (const name of await namesIn(folder)) {
    const found = partialOfJournal(name);
    const isWanted = found?.digest12 === image.sha256.slice(0, 12);
    if (!isWanted || join(folder, found.data) === fresh.path) continue;
    const adopted = await adoptPartial(found, { destination, image, fileSystemMs });
    if (adopted === undefined) continue;
    await fresh.close();
    await fresh.remove();
    return adopted;
  }
  return fresh;
}

/** A look through a folder for partials that are of no use any more. */
interface Sweep {
  readonly destination: string;
  /** Of which a partial of the destination may still be wanted; undefined: of none. */
  readonly sha256: string | undefined;
  /** Now, by the clock that stamps the files of this folder. */
  readonly fileSystemMs: number;
}

/**
 * Removes what nobody will go on with: abandoned partials that are old, those whose process was killed before it had
 * written what they are, and those of other images for the same destination, which was replaced in the library
 * meanwhile. Never fails: it is done in passing.
 */
export async function sweepPartials(sweep: Sweep): Promise<void> {
  const folder = dirname(sweep.destination);
  const names = new Set(await namesIn(folder));
  for (const name of names) {
    const path = join(folder, name);
    const found = partialOfJournal(name);
    const { mtimeMs, size } = await lstat(path).catch(() => ({ mtimeMs: Infinity, size: 1 }));
    const isOld = sweep.fileSystemMs - mtimeMs > ORPHAN_MS;
    if (found !== undefined && (isOld || size === 0 || isUnwanted(found, sweep))) {
      await removeAbandoned(folder, found, sweep.fileSystemMs);
    } else if (isOld && isPartialData(name) && !names.has(`${name}.journal`)) {
      await rm(path, { force: true }).catch(() => {});
    }
  }
}

/**
 * Removes the partials for a destination that is done, as pulls leave them that were killed at their very end. Of those
 * whose process cannot be looked at from here it removes none.
 */
export function sweepFinished(destination: string): Promise<void> {
  return sweepPartials({ destination, sha256: undefined, fileSystemMs: 0 });
}

function isUnwanted({ stem, digest12 }: FoundPartial, { destination, sha256 }: Sweep): boolean {
  return stem === partialStem(destination) && digest12 !== sha256?.slice(0, 12);
}

async function removeAbandoned(
  folder: string,
  { data, journal }: { readonly data: string; readonly journal: string },
  fileSystemMs: number,
): Promise<void> {
  if (!(await isAbandoned(join(folder, journal), undefined, fileSystemMs))) return;
  // The data first: as long as the journal is there, the data are found.
  await rm(join(folder, data), { force: true }).catch(() => {});
  await rm(join(folder, journal), { force: true }).catch(() => {});
}

/** When a file was last written, by the clock of its file system; now, if it cannot be told. */
export async function stampMs(path: string): Promise<number> {
  return lstat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => Date.now(),
  );
}

async function namesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => partialOfJournal(name) !== undefined || isPartialData(name));
}
