import type { Digest } from "@sifshelf/protocol";

import type { OpenBytes } from "../blobs/open-bytes.js";
import { findBlob } from "../catalog/blobs.js";
import { insertInspectionIfAbsent, isInspected } from "../catalog/inspections.js";
import { Fault } from "../faults/fault.js";
import { INSPECTION_TIMEOUT_MS } from "../inspection/limits.js";
import { readContents } from "../inspection/read-contents.js";
import type { Library } from "./library.js";
import { openImageBytes } from "./open-image-bytes.js";

/** What it takes to inspect stored bytes. */
export type InspectionDeps = Pick<Library, "catalog" | "blobs" | "throttle" | "now">;

/**
 * Reads what stored bytes hold for people to read, and notes it. Doing it twice, or in two
 * processes at once, notes it once. A process runs one at a time, so that memory holds the
 * documents of one image, whatever is uploaded.
 *
 * @returns false if there was nothing to do: it is done, or the blob is gone.
 * @throws Fault `internal` when the stored bytes are missing or damaged, `unavailable` when reading
 *   them takes more than 30 s; and `signal.reason` after an abort.
 */
export async function inspectBlob(
  deps: InspectionDeps,
  digest: Digest,
  signal?: AbortSignal,
): Promise<boolean> {
  return deps.throttle.hold("inspection", async () => {
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

/**
 * Bytes that are just being deleted, or have just been deleted and stored anew, are not lost:
 * collecting deletes the row before the file, storing puts the file before the row. So if the file
 * is missing, the row is looked up again, and the file if there is one.
 */
async function openBlob(deps: InspectionDeps, digest: Digest): Promise<OpenBytes | undefined> {
  const open = async () => {
    const blob = await findBlob(deps.catalog, digest);
    return blob && openImageBytes(deps, { blobDigest: digest, sizeBytes: blob.sizeBytes });
  };
  try {
    return await open();
  } catch {
    return open();
  }
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
