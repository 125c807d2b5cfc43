import { link, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";

import { onFile, isThere, fileExists } from "./file-error.js";

/** A finished file and the name it is to get. */
export interface Publication {
  readonly from: string;
  /** In the same folder as `from`. */
  readonly to: string;
  /** Replace an existing file. */
  readonly force: boolean;
}

const NO_HARD_LINKS: ReadonlySet<string> = new Set([
  "EPERM",
  "ENOTSUP",
  "EOPNOTSUPP",
  "ENOSYS",
  "EMLINK",
  "EXDEV",
]);

/**
 * Gives a finished file its name, in one step, and makes that durable.
 *
 * @throws LibraryError `file-exists` when the name is taken and `force` is false,
 *   `file-not-writable`.
 */
export async function publishFile({ from, to, force }: Publication): Promise<void> {
  if (force) await onFile("file-not-writable", to, () => rename(from, to));
  else await publishNew(from, to);
  await syncFolder(dirname(to));
}

/** A hard link fails when the name is taken; `rename` does not. */
async function publishNew(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (code === "EEXIST") throw fileExists(to);
    if (!NO_HARD_LINKS.has(code)) {
      return onFile("file-not-writable", to, () => Promise.reject(error));
    }
    // On file systems without hard links, the best that can be done is to look first.
    if (await isThere(to)) throw fileExists(to);
    return onFile("file-not-writable", to, () => rename(from, to));
  }
  await rm(from, { force: true });
}

/**
 * After a crash, the name survives only if its folder was synced. Some systems cannot sync folders.
 */
async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, "r").catch(() => undefined);
  try {
    await handle?.sync();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : "";
    if (code === "EIO" || code === "ENOSPC") {
      await onFile("file-not-writable", path, () => Promise.reject(error));
    }
  } finally {
    await handle?.close();
  }
}
