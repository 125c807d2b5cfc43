import { lstat, readdir, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

import type { SinkImage } from "../transfer/byte-sink.js";
import { adoptPartial, createPartial, isAbandoned, type PartialFile } from "./partial-file.js";
import { isPartialData, partialOfJournal } from "./partial-names.js";

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

/**
 * Removes what nobody will go on with: abandoned partials that are old, and those of other images for the same
 * destination, which was replaced in the library meanwhile. Never fails: it is done in passing.
 */
export async function sweepPartials(
  destination: string,
  current: { readonly sha256: string; readonly fileSystemMs: number },
): Promise<void> {
  const folder = dirname(destination);
  const stem = `${basename(destination)}.`;
  const names = new Set(await namesIn(folder));
  for (const name of names) {
    const path = join(folder, name);
    const found = partialOfJournal(name);
    const isOld = current.fileSystemMs - (await stampMs(path)) > ORPHAN_MS;
    const isReplaced =
      found !== undefined &&
      name.startsWith(stem) &&
      found.digest12 !== current.sha256.slice(0, 12);
    if (found !== undefined && (isOld || isReplaced)) {
      await removeAbandoned(folder, found, current.fileSystemMs);
    } else if (isOld && isPartialData(name) && !names.has(`${name}.journal`)) {
      await rm(path, { force: true }).catch(() => {});
    }
  }
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
