import { mkdir, open, rename } from "node:fs/promises";
import { dirname } from "node:path";

import { codeOf } from "./storage-fault.js";

/** Makes the names in a folder durable. */
export async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes the content of a file durable. */
export async function syncFile(path: string): Promise<void> {
  const handle = await open(path, "r+");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes a folder (0700) in one that exists, durably. It may be there already. */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
  }
  // Also when it was there: whoever made it may have been stopped before this.
  await syncFolder(dirname(path));
}

/** Renames a file whose content is durable, so that after a crash either name is there with all of the content. */
export async function renameDurably(from: string, to: string): Promise<void> {
  await rename(from, to);
  await syncFolder(dirname(to));
}
