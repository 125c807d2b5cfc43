import { chmod, open, rename, rm } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { dirname } from "node:path";

import { makeFolders } from "./make-folders.js";

/**
 * Writes a file that only its owner can read (mode 0600), in a folder that only its owner can enter (0700): a new
 * file beside it, synced, then renamed, so that readers see the old content or the new one.
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
