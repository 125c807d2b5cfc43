import type { UploadRecord } from "../../catalog/records.js";
import { touchUpload } from "../../catalog/uploads.js";
import type { Library } from "../library.js";
import { uploadClosed } from "./find-upload.js";

/** How often the expiry is put off while bytes arrive. */
const MAX_INTERVAL_MS = 60_000;

/**
 * A function to call while bytes arrive: now and then it puts off the upload's expiry.
 *
 * @throws Fault (that function) `upload-closed` once the upload has been ended by somebody.
 */
export function keepOpen(library: Library, upload: UploadRecord): () => Promise<void> {
  const { uploadTtlMs } = library.settings;
  const intervalMs = Math.min(uploadTtlMs / 4, MAX_INTERVAL_MS);
  // Whoever put it off last, with an earlier part, did so for all.
  let nextMs = upload.expiresAtMs - uploadTtlMs + intervalMs;
  return async () => {
    const nowMs = library.now();
    if (nowMs < nextMs) return;
    nextMs = nowMs + intervalMs;
    if (!(await touchUpload(library.catalog, upload.id, nowMs + uploadTtlMs))) throw uploadClosed();
  };
}
