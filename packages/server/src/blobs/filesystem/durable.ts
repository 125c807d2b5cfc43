import { mkdir, open, rename } from "node:fs/promises";
import { dirname } from "node:path";

import { codeOf } from "./error-code.js";

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

/** Creates a folder (0700) durably, unless it exists. Its parent must exist. */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
  }
  // Even if it exists: its creator may have been stopped before the sync.
  await syncFolder(dirname(path));
}

/** Renames a file whose content is durable. After a crash it has one of the names, complete. */
export async function renameDurably(from: string, to: string): Promise<void> {
  await rename(from, to);
  await syncFolder(dirname(to));
}
