import { MAX_UPLOAD_PARTS } from "@sifshelf/protocol";

import type { PartLayout } from "../../blobs/part-place.js";

const MIB = 1024 * 1024;

/** Smaller parts would cost more in requests than they save when one must be sent again. */
const MIN_PART_BYTES = 16 * MIB;
/** Larger parts would lose too much when one must be sent again. */
const MAX_PART_BYTES = 512 * MIB;
/** Most parts of an upload of ordinary size: half of what is allowed. */
const USUAL_PARTS = MAX_UPLOAD_PARTS / 2;

/** Largest image that fits into the most parts allowed, in bytes (4.88 TiB). */
export const MAX_MULTIPART_BYTES = MAX_PART_BYTES * MAX_UPLOAD_PARTS;

/** Returns the layout for an image of `sizeBytes`, from 1 to {@link MAX_MULTIPART_BYTES}. */
export function partLayout(sizeBytes: number): PartLayout {
  const wanted = Math.ceil(sizeBytes / USUAL_PARTS / MIB) * MIB;
  const partSizeBytes = Math.min(Math.max(wanted, MIN_PART_BYTES), MAX_PART_BYTES);
  return { partSizeBytes, totalParts: Math.ceil(sizeBytes / partSizeBytes) };
}
