import { deleteEndedUploads, findUpload, listExpiredUploads } from "../catalog/uploads.js";
import { holdLease } from "../coordination/leases.js";
import type { Library } from "../library/library.js";
import { endUpload } from "../library/uploads/abort-upload.js";
import { isOpen } from "../library/uploads/find-upload.js";
import type { TaskControl } from "./task-control.js";

/**
 * How long an upload that has ended is remembered after it would have expired: a client may still
 * ask to complete it again.
 */
const REMEMBER_MS = 7 * 24 * 60 * 60 * 1000;
/** Uploads per batch. */
const BATCH = 100;

/**
 * Ends the uploads whose time is up, with their bytes, and forgets those that ended, a week after
 * they would have expired. Returns how many it ended.
 */
export async function expireUploads(library: Library, task: TaskControl): Promise<number> {
  let ended = 0;
  for (let after = task.progress ?? undefined; ;) {
    const batch = { nowMs: library.now(), after, limit: BATCH };
    const expired = await listExpiredUploads(library.catalog, batch);
    for (const { id } of expired) {
      task.signal.throwIfAborted();
      if (await endIfExpired(library, id)) ended += 1;
    }
    after = expired.at(-1)?.id;
    if (after === undefined || expired.length < BATCH) break;
    await task.saveProgress(after);
  }
  await forgetEnded(library, task);
  return ended;
}

// Between the listing and the lease it may have been completed, or gone on.
async function endIfExpired(library: Library, uploadId: string): Promise<boolean> {
  return holdLease(library, `upload:${uploadId}`, async (lease) => {
    const upload = await findUpload(library.catalog, uploadId);
    if (upload?.state !== "open" || isOpen(library, upload)) return false;
    await endUpload(library, uploadId, lease);
    return true;
  });
}

async function forgetEnded(library: Library, { signal }: TaskControl): Promise<void> {
  const batch = { expiredBeforeMs: library.now() - REMEMBER_MS, limit: BATCH };
  while ((await deleteEndedUploads(library.catalog, batch)) === BATCH) signal.throwIfAborted();
}
