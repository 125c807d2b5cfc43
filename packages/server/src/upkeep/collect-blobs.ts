import type { Digest } from "@sifshelf/protocol";

import { deleteBlobIfUnreferenced, listBlobStates } from "../catalog/blobs.js";
import { inTransaction } from "../catalog/catalog.js";
import { holdLease, requireLease } from "../coordination/leases.js";
import type { Library } from "../library/library.js";
import type { TaskControl } from "./task-control.js";

/** Blobs per batch. */
const BATCH = 500;

/**
 * Deletes the blobs that no image refers to any more: first the row, then the bytes, under the
 * lease that publishing holds too (publish-upload.ts says why nothing live is lost). A download
 * under way gets to its end. Returns how many.
 */
export async function collectBlobs(library: Library, task: TaskControl): Promise<number> {
  let collected = 0;
  for (let after = task.progress ?? undefined; ;) {
    const batch = await listBlobStates(library.catalog, { after, limit: BATCH });
    for (const { digest, isReferenced, createdAtMs } of batch) {
      task.signal.throwIfAborted();
      // Rows of this very millisecond are left to the next run.
      if (isReferenced || createdAtMs >= library.now()) continue;
      if (await collect(library, digest)) collected += 1;
    }
    after = batch.at(-1)?.digest;
    if (after === undefined || batch.length < BATCH) return collected;
    await task.saveProgress(after);
  }
}

async function collect(library: Library, digest: Digest): Promise<boolean> {
  return holdLease(library, `digest:${digest}`, async (lease) => {
    const isForgotten = await inTransaction(library.catalog, {}, async (transaction) => {
      await requireLease(transaction, lease);
      return deleteBlobIfUnreferenced(transaction, digest);
    });
    if (!isForgotten) return false;
    // If this throws, the file is an orphan, which is swept.
    await requireLease(library.catalog, lease);
    await library.blobs.deleteBlob(digest);
    return true;
  });
}
