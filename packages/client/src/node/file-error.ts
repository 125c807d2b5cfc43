import { lstat } from "node:fs/promises";

import { LibraryError, type LibraryErrorCode } from "../errors/library-error.js";

/**
 * Returns the result of an operation on a file. Its failure becomes a `LibraryError` with this
 * code.
 */
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

/** Whether something has this name, including a dangling link. */
export async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

/** Returns the error for a name that is taken. */
export function fileExists(path: string): LibraryError {
  return new LibraryError(
    "file-exists",
    `${path} already exists and is not the image; remove it, or ask to replace it`,
  );
}
