import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { chmod, copyFile, open, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { createSif, type CreateSifOptions } from "../write/create-sif.js";
import type { SifStore } from "../write/sif-store.js";
import { openFileSifStore } from "./file-sif-store.js";

/** New images are executable, as those of the reference implementation are, less the umask. */
const NEW_FILE_MODE = 0o755;

/**
 * Writes a new image to a path and replaces any file there. The path then has the whole image,
 * durably, or after an error is unchanged.
 *
 * @throws {SifWriteError}, and errors of the file system
 */
export async function createSifFile(path: string, options: CreateSifOptions = {}): Promise<void> {
  const temporary = temporaryBeside(path);
  await replaceFile(path, temporary, async () => {
    const store = await openFileSifStore(temporary, "wx+", NEW_FILE_MODE);
    try {
      await createSif(store, options);
      await store.sync();
    } finally {
      await store.close();
    }
  });
}

/**
 * Changes an image file. `edit` changes a copy beside it, which replaces the file once `edit` has
 * returned and the copy is durable. After a failure the file is unchanged. Copying costs nothing on
 * file systems that share blocks. Of two concurrent edits of a file, the last one wins.
 *
 * @returns what `edit` returned
 * @throws what `edit` throws, and errors of the file system
 */
export async function editSifFile<Result>(
  path: string,
  edit: (store: SifStore) => Promise<Result>,
): Promise<Result> {
  // A link stays a link; its target is replaced.
  const target = await realpath(path);
  const temporary = temporaryBeside(target);
  return replaceFile(target, temporary, async () => {
    await copyFile(target, temporary, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
    await chmod(temporary, (await stat(target)).mode | 0o600);
    const store = await openFileSifStore(temporary);
    try {
      const result = await edit(store);
      await store.sync();
      await chmod(temporary, (await stat(target)).mode);
      return result;
    } finally {
      await store.close();
    }
  });
}

/** Returns the path at which an image is written before it gets its name. */
function temporaryBeside(path: string): string {
  return join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}.tmp`);
}

async function replaceFile<Result>(
  path: string,
  temporary: string,
  write: () => Promise<Result>,
): Promise<Result> {
  try {
    const result = await write();
    await rename(temporary, path);
    await syncFolder(dirname(path));
    return result;
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function syncFolder(folder: string): Promise<void> {
  // Windows cannot open folders, and does not need this step.
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
