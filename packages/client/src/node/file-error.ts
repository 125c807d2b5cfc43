import { lstat } from "node:fs/promises";

import { LibraryError, type LibraryErrorCode } from "../errors.js";

/** What an operation on a file resolves with; its failure as a `LibraryError` with this code. */
export async function onFile<T>(
  code: LibraryErrorCode & `file-${string}`,
  path: string,
  operation: () => Promise<T>,
): Promise<T> {
  try {
    return await operation();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : "unknown error";
    const verb = code === "file-not-readable" ? "read" : "write";
    throw new LibraryError(code, `could not ${verb} ${path}: ${reason}`, { cause });
  }
}

/** Whether something has this name, be it only a link to nothing. */
export async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

/** The error for a name that is taken. */
export function fileExists(path: string): LibraryError {
  return new LibraryError(
    "file-exists",
    `${path} exists already and is not the image; remove it, or ask for it to be replaced`,
  );
}
