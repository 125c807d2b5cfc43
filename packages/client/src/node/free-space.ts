import { statfs } from "node:fs/promises";

import { LibraryError } from "../errors.js";

/**
 * Refuses an image that does not fit, before any of it is fetched.
 *
 * @throws LibraryError `file-not-writable` with a cause of `code` `ENOSPC`.
 */
export async function checkFreeSpace(folder: string, neededBytes: number): Promise<void> {
  const found = await statfs(folder).catch(() => undefined);
  // File systems that do not know say 0 of 0.
  if (found === undefined || found.blocks === 0) return;
  const freeBytes = found.bavail * found.bsize;
  if (neededBytes <= freeBytes) return;
  const message = `could not write into ${folder}: ${neededBytes} bytes are needed, ${freeBytes} are free`;
  const cause = Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
  throw new LibraryError("file-not-writable", message, { cause });
}
