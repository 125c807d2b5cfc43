import { closeSync, openSync } from "node:fs";

/**
 * Creates an empty file that only its owner can read (0600), unless it exists. An existing file is
 * not opened: closing it would drop every lock that this process holds on it (POSIX fcntl, and so
 * SQLite's).
 */
export function createPrivateFile(path: string): void {
  try {
    closeSync(openSync(path, "wx", 0o600));
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
}
