import { mkdir, stat, chmod, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { randomUUID } from "node:crypto";

/**
 * Makes a folder (0700) and its parents, whatever of it is not there. Not by Node's own
 * `recursive`, which never ends where a folder cannot be made although its parent is there, below
 * `/proc` for one.
 */
export async function makeFolders(path: string): Promise<void> {
  if (await isFolder(path)) return;
  const parent = dirname(path);
  if (parent !== path) await makeFolders(parent);
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    // Somebody else may have made it just now.
    if (!(await isFolder(path))) throw error;
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}

/**
 * Writes a file that only its owner can read (mode 0600), in a folder that only its owner can enter
 * (0700): a new file beside it, synced, then renamed, so that readers see the old content or the
 * new one.
 */
export async function writePrivateFile(path: string, text: string): Promise<void> {
  const folder = dirname(path);
  await makeFolders(folder);
  // One that was there keeps its mode.
  await chmod(folder, 0o700);
  const temporary = `${path}.${randomUUID()}`;
  try {
    await writeNew(temporary, text);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function writeNew(path: string, text: string): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}
