import { type Digest, parseDigest } from "@sifshelf/protocol";

import { findKnownBlobs } from "../catalog/blobs.js";
import { holdLease } from "../coordination/leases.js";
import type { Library } from "../library/library.js";
import { deleteIfOrphan } from "../library/uploads/delete-if-orphan.js";
import type { TaskControl } from "./task-control.js";

/** Stored blobs that are looked up at once. */
const BATCH = 500;

/**
 * Deletes stored bytes that the catalog does not know and no open upload may still claim, which is
 * what a kill between publishing and noting, or between forgetting and deleting, leaves behind.
 * After one run there are none that were there when it began. Returns how many it deleted.
 */
export async function sweepOrphans(library: Library, task: TaskControl): Promise<number> {
  let swept = 0;
  for await (const batch of batches(library, task.progress)) {
    const known = await findKnownBlobs(library.catalog, batch);
    for (const digest of batch) {
      task.signal.throwIfAborted();
      if (known.has(digest)) continue;
      if (await sweep(library, digest)) swept += 1;
    }
    const last = batch.at(-1);
    if (batch.length === BATCH && last !== undefined) await task.saveProgress(last);
  }
  return swept;
}

function sweep(library: Library, digest: Digest): Promise<boolean> {
  return holdLease(library, `digest:${digest}`, (lease) => deleteIfOrphan(library, digest, lease));
}

async function* batches({ blobs }: Library, progress: string | null): AsyncGenerator<Digest[]> {
  let batch: Digest[] = [];
  const after = progress === null ? undefined : parseDigest(progress);
  for await (const { digest } of blobs.listBlobs(after)) {
    batch.push(digest);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  yield batch;
}
