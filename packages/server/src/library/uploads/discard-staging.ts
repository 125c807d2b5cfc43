import type { Library } from "../library.js";

/**
 * Deletes the staged bytes of an upload that has ended. Never throws: that it has ended is true either way, and upkeep sweeps what
 * is left.
 */
export async function discardStaging(library: Library, uploadId: string): Promise<void> {
  try {
    await library.blobs.discardStaging(uploadId);
  } catch {
    // Upkeep tries again, and reports it if it fails again.
  }
}
