import { mkdir, stat, chmod, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { randomUUID } from "node:crypto";

/**
 * Creates a folder (0700) and its missing parents. Does not use Node's `recursive`, which never
 * returns where a folder cannot be created although its parent exists, for example below `/proc`.
 */
export async function makeFolders(path: string): Promise<void> {
  if (await isFolder(path)) return;
  const parent = dirname(path);
  if (parent !== path) await makeFolders(parent);
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    // Another process may have created it in the meantime.
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
 * (0700). It writes, syncs and renames a temporary file, so that readers see either the old content
 * or the new.
 */
export async function writePrivateFile(path: string, text: string): Promise<void> {
  const folder = dirname(path);
  await makeFolders(folder);
  // An existing folder keeps its mode otherwise.
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
