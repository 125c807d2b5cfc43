import type { Digest } from "@sifshelf/protocol";

import { deleteBlobIfUnreferenced, findBlob, listUnreferencedBlobs } from "../catalog/blobs.js";
import type { Library } from "../library/library.js";

/**
 * Deletes the blobs that no image refers to any more: first the row, then the bytes, under the lock that publishing holds too
 * (see publish-upload.ts for why nothing live is lost). Whoever is downloading one gets it to the end. Answers how many.
 */
export async function collectGarbage(library: Library): Promise<number> {
  let collected = 0;
  // Rows of this very millisecond are left to the next run.
  for (const digest of await listUnreferencedBlobs(library.catalog, library.now())) {
    const isGone = await library.locks.hold(`digest:${digest}`, () => collect(library, digest));
    if (isGone) collected += 1;
  }
  return collected;
}

async function collect(library: Library, digest: Digest): Promise<boolean> {
  if (!(await deleteBlobIfUnreferenced(library.catalog, digest))) return false;
  await library.blobs.deleteBlob(digest);
  return true;
}

/**
 * Deletes stored bytes that no row of the catalog knows, which is what a kill between publishing and noting, or between forgetting
 * and deleting, leaves behind. Younger ones than `graceMs` are left to an upload that may be completed again. Answers how many;
 * stops early when the signal is aborted.
 */
export async function sweepOrphanBlobs(
  library: Library,
  graceMs: number,
  signal?: AbortSignal,
): Promise<number> {
  let swept = 0;
  for await (const { digest, modifiedAtMs } of library.blobs.listBlobs()) {
    if (signal?.aborted === true) break;
    if (modifiedAtMs > library.now() - graceMs) continue;
    if ((await findBlob(library.catalog, digest)) !== undefined) continue;
    const isGone = await library.locks.hold(`digest:${digest}`, () => sweep(library, digest));
    if (isGone) swept += 1;
  }
  return swept;
}

// Between the look and the lock it may have been noted.
async function sweep(library: Library, digest: Digest): Promise<boolean> {
  if ((await findBlob(library.catalog, digest)) !== undefined) return false;
  return library.blobs.deleteBlob(digest);
}
