import { Fault } from "../../faults/fault.js";

const FULL = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

/**
 * Does `work` on files and throws its failures as Fault: `storage-full` when disk, quota or file system has no room,
 * otherwise `internal`, both with the cause. `what` says what is tried.
 */
export async function withStorageFaults<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toStorageFault(what, error);
  }
}

/** Like {@link withStorageFaults}, for files of an upload: when they are gone it is `upload-closed`. */
export async function withStagingFaults<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw toStorageFault(what, error);
    throw new Fault(
      "upload-closed",
      `the library could not ${what}: the upload has ended, or nothing has arrived; start a new upload`,
      { cause: error },
    );
  }
}

/** The code of a system error, `ENOENT` for instance; empty for anything else. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : "";
}

function toStorageFault(what: string, cause: unknown): unknown {
  if (cause instanceof Fault) return cause;
  if (FULL.has(codeOf(cause))) {
    return new Fault(
      "storage-full",
      `the library could not ${what}: there is no room left; delete images that are no longer needed, or ask the site's admin for room`,
      { cause },
    );
  }
  return new Fault(
    "internal",
    `the library could not ${what}; try again, and tell the site's admin if it happens again`,
    { cause },
  );
}
