import { statfs } from "node:fs/promises";

import { LibraryError } from "../errors/library-error.js";

/**
 * Rejects an image that does not fit, before any of it is fetched.
 *
 * @throws LibraryError `file-not-writable` with a cause whose `code` is `ENOSPC`.
 */
export async function checkFreeSpace(folder: string, neededBytes: number): Promise<void> {
  const found = await statfs(folder).catch(() => undefined);
  // File systems that do not know report 0 of 0.
  if (found === undefined || found.blocks === 0) return;
  const freeBytes = found.bavail * found.bsize;
  if (neededBytes <= freeBytes) return;
  const message = `could not write into ${folder}: ${neededBytes} bytes are needed, ${freeBytes} are free`;
  const cause = Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
  throw new LibraryError("file-not-writable", message, { cause });
}

/**
 * File systems that only one machine at a time can mount, by their Linux numbers (`statfs(2)`).
 * File systems of networks, clusters and containers are not among them.
 */
const LOCAL_TYPES: ReadonlySet<number> = new Set([
  0xef53, // ext2, ext3, ext4
  0x58465342, // XFS
  0x9123683e, // Btrfs
  0x2fc12fc1, // ZFS
  0xf2f52010, // F2FS
  0xca451a4e, // bcachefs
]);

/** Whether a folder is on a disk that only this machine uses; false where that is unknown. */
export async function isOnLocalDisk(folder: string): Promise<boolean> {
  return statfs(folder).then(
    ({ type }) => process.platform === "linux" && LOCAL_TYPES.has(type),
    () => false,
  );
}
