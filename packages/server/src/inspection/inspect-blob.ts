import type { Digest } from "@sifshelf/protocol";

import type { OpenBytes } from "../blobs/open-bytes.js";
import { findBlob } from "../catalog/blobs.js";
import { insertInspectionIfAbsent, isInspected } from "../catalog/inspections.js";
import { Fault } from "../faults/fault.js";
import type { Library } from "../library/library.js";
import { openImageBytes } from "../library/open-image-bytes.js";
import { INSPECTION_TIMEOUT_MS } from "./limits.js";
import { readContents } from "./read-contents.js";

/** What it takes to inspect stored bytes. */
export type InspectionDeps = Pick<Library, "catalog" | "blobs" | "locks" | "now">;

/**
 * Reads what stored bytes hold for people to read, and notes it; done twice it is done once. One at a time, so that memory holds
 * the documents of one image whatever is uploaded. False if there was nothing to do: it is done, or the blob is gone.
 *
 * @throws Fault `internal` when the stored bytes are missing or damaged, `unavailable` when reading them takes too long; and
 *   `signal.reason` after an abort.
 */
export async function inspectBlob(
  deps: InspectionDeps,
  digest: Digest,
  signal?: AbortSignal,
): Promise<boolean> {
  return deps.locks.hold("inspection", async () => {
    signal?.throwIfAborted();
    if (await isInspected(deps.catalog, digest)) return false;
    const bytes = await openBlob(deps, digest);
    if (bytes === undefined) return false;
    try {
      const contents = await readInTime(bytes, signal);
      return await insertInspectionIfAbsent(deps.catalog, { digest, contents, nowMs: deps.now() });
    } finally {
      await bytes.close();
    }
  });
}

// Under the lock that publishing and collecting hold, so that bytes which are just being deleted do not look lost.
async function openBlob(deps: InspectionDeps, digest: Digest): Promise<OpenBytes | undefined> {
  return deps.locks.hold(`digest:${digest}`, async () => {
    const blob = await findBlob(deps.catalog, digest);
    return blob && openImageBytes(deps, { blobDigest: digest, sizeBytes: blob.sizeBytes });
  });
}

async function readInTime(bytes: OpenBytes, signal: AbortSignal | undefined) {
  const deadline = AbortSignal.timeout(INSPECTION_TIMEOUT_MS);
  try {
    const either = signal === undefined ? deadline : AbortSignal.any([signal, deadline]);
    return await readContents(bytes, { signal: either });
  } catch (error) {
    if (error !== deadline.reason) throw error;
    throw new Fault(
      "unavailable",
      `the image was not read within ${INSPECTION_TIMEOUT_MS / 1000} seconds; try again`,
      { cause: error },
    );
  }
}
