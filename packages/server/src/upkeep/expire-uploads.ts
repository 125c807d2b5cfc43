import { deleteEndedUploads, findUpload, listExpiredUploads } from "../catalog/uploads.js";
import { endUpload } from "../library/uploads/abort-upload.js";
import { isOpen } from "../library/uploads/find-upload.js";
import type { Library } from "../library/library.js";

/** How long an upload that has ended is remembered after it would have expired: a client may still ask to complete it again. */
const REMEMBER_MS = 7 * 24 * 60 * 60 * 1000;

/** Ends the uploads whose time is up, with their bytes, and forgets those that ended long ago. Answers how many it ended. */
export async function expireUploads(library: Library): Promise<number> {
  let ended = 0;
  for (const { id } of await listExpiredUploads(library.catalog, library.now())) {
    ended += await library.locks.hold(`upload:${id}`, () => endIfExpired(library, id));
  }
  await deleteEndedUploads(library.catalog, library.now() - REMEMBER_MS);
  return ended;
}

// Between the listing and the lock it may have been completed, or gone on.
async function endIfExpired(library: Library, uploadId: string): Promise<number> {
  const upload = await findUpload(library.catalog, uploadId);
  if (upload?.state !== "open" || isOpen(library, upload)) return 0;
  await endUpload(library, uploadId);
  return 1;
}

/**
 * Deletes the staged bytes of uploads that are not open: of those that ended when their bytes could not be deleted, whose image was
 * deleted, or that the process did not live to clean up. Answers how many.
 *
 * An upload's row is made before its staging, so a staging without an open upload will never be one of an open upload.
 */
export async function sweepStagings(library: Library): Promise<number> {
  let swept = 0;
  for (const id of await library.blobs.uploads.list()) {
    const upload = await findUpload(library.catalog, id);
    if (upload?.state === "open") continue;
    await library.locks.hold(`upload:${id}`, () => library.blobs.uploads.abort(id));
    swept += 1;
  }
  return swept;
}
