import { isLeased } from "../catalog/work/leases.js";
import { findUpload } from "../catalog/uploads.js";
import type { Library } from "../library/library.js";
import { isOpen } from "../library/uploads/find-upload.js";
import type { TaskControl } from "./task-control.js";

/**
 * Deletes the staged bytes of uploads that are not open: those that ended when their bytes could
 * not be deleted, whose image was deleted, whose time is up, or whose process died before it
 * cleaned up. Returns how many. Writes nothing to the catalog, so it makes room on a disk that is
 * full.
 *
 * Why it takes nothing from an upload that goes on, without a lease of its own:
 *
 * 1. An upload's row is made before its staging. So a staging without the row of an open upload
 *    will never be one of an open upload.
 * 2. An upload whose time is up takes no more parts, and nobody begins to complete it. One that is
 *    being completed has a lease, and is left alone.
 * 3. If the lease is taken just after it was looked for, the completion finds that the time is up.
 *    If the time is put off just then, by bytes that arrive, the upload fails with `upload-closed`,
 *    as it would have a moment before. What was published is a blob, which this does not touch.
 */
export async function sweepStagings(
  library: Library,
  task: Pick<TaskControl, "signal">,
): Promise<number> {
  let swept = 0;
  for (const id of await library.blobs.uploads.list()) {
    task.signal.throwIfAborted();
    const upload = await findUpload(library.catalog, id);
    if (upload !== undefined && isOpen(library, upload)) continue;
    if (await isLeased(library.catalog, `upload:${id}`, library.leases.now?.())) continue;
    await library.blobs.uploads.abort(id);
    swept += 1;
  }
  return swept;
}
