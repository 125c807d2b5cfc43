import type { UploadRecord } from "../../catalog/records.js";
import { touchUpload } from "../../catalog/uploads.js";
import type { Library } from "../library.js";
import { uploadClosed } from "./find-upload.js";

/** Shortest time between two extensions by one transfer, in milliseconds. */
const MAX_INTERVAL_MS = 60_000;

/**
 * Returns a function to call while bytes arrive. At most once a minute (for a short time to live:
 * four times within it) it extends the upload's expiry; all other calls cost nothing.
 *
 * @throws Fault (that function) `upload-closed` once the upload has ended.
 */
export function keepOpen(library: Library, upload: UploadRecord): () => Promise<void> {
  const { uploadTtlMs } = library.settings;
  const intervalMs = Math.min(uploadTtlMs / 4, MAX_INTERVAL_MS);
  // The last extension, perhaps by an earlier part, counts for all parts.
  let nextMs = upload.expiresAtMs - uploadTtlMs + intervalMs;
  return async () => {
    const nowMs = library.now();
    if (nowMs < nextMs) return;
    nextMs = nowMs + intervalMs;
    if (!(await touchUpload(library.catalog, upload.id, nowMs + uploadTtlMs))) throw uploadClosed();
  };
}
