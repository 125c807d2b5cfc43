import type { Digest } from "@sifshelf/protocol";

import { listBlobStates } from "../catalog/blobs.js";
import { enqueueJob } from "../jobs/enqueue-job.js";
import { inspectBlob } from "../library/inspect-blob.js";
import type { Library } from "../library/library.js";
import type { TaskControl } from "./task-control.js";

/** Blobs per batch. */
const BATCH = 100;

/**
 * Inspects the stored blobs that have not been inspected, for example those of a release that did
 * not inspect. One that cannot be read now is left to a job of its own. Returns how many it
 * inspected.
 */
export async function fillInspections(library: Library, task: TaskControl): Promise<number> {
  let inspected = 0;
  for (let after = task.progress ?? undefined; ;) {
    const batch = await listBlobStates(library.catalog, { after, limit: BATCH });
    for (const { digest, isInspected } of batch) {
      if (!isInspected && (await inspectOrEnqueue(library, digest, task.signal))) inspected += 1;
    }
    after = batch.at(-1)?.digest;
    if (after === undefined || batch.length < BATCH) return inspected;
    await task.saveProgress(after);
  }
}

async function inspectOrEnqueue(
  library: Library,
  digest: Digest,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    return await inspectBlob(library, digest, signal);
  } catch {
    signal.throwIfAborted();
    // That job reports why, and tries again.
    await enqueueJob(library.catalog, { kind: "inspect", key: digest });
    library.jobs.wake();
    return false;
  }
}
