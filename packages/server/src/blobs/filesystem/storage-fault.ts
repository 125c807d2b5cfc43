import { Fault } from "../../faults/fault.js";
import { codeOf } from "./error-code.js";

const FULL = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

/**
 * Runs `work` on files and turns its failures into Faults with the cause: `storage-full` when disk,
 * quota or file system has no room, otherwise `internal`. `what` says what was tried.
 */
export async function withStorageFaults<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toStorageFault(what, error);
  }
}

/** Like {@link withStorageFaults}, for an upload's files: `upload-closed` when they are gone. */
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

function toStorageFault(what: string, cause: unknown): unknown {
  if (cause instanceof Fault) return cause;
  if (FULL.has(codeOf(cause))) {
    return new Fault(
      "storage-full",
      `the library could not ${what}: there is no room left; delete images that are no longer ` +
        "needed, or ask the site's admin for room",
      { cause },
    );
  }
  return new Fault(
    "internal",
    `the library could not ${what}; try again, and tell the site's admin if it happens again`,
    { cause },
  );
}
