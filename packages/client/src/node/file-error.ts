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
