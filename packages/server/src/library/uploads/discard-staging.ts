import type { Library } from "../library.js";

/**
 * Deletes the staged bytes of an upload that has ended. Never throws: the upload has ended either
 * way, and upkeep sweeps leftovers.
 */
export async function discardStaging(library: Library, uploadId: string): Promise<void> {
  try {
    await library.blobs.uploads.abort(uploadId);
  } catch {
    // Upkeep tries again, and reports it if it fails again.
  }
}
