import { MAX_UPLOAD_PARTS } from "@sifshelf/protocol";

const MIB = 1024 * 1024;

/** Smaller parts cost more requests than they save when one has to be sent again. */
const MIN_PART_BYTES = 16 * MIB;
/** Larger parts lose too much when one has to be sent again. */
const MAX_PART_BYTES = 512 * MIB;
/** Parts that an upload of ordinary size is cut into at most; half of what is allowed. */
const USUAL_PARTS = MAX_UPLOAD_PARTS / 2;

/** Largest image that fits into the most parts allowed, in bytes (4.88 TiB). */
export const MAX_MULTIPART_BYTES = MAX_PART_BYTES * MAX_UPLOAD_PARTS;

/** How an upload is cut. All parts have `partSizeBytes` but the last, which has the rest, at least one byte. */
export interface PartLayout {
  readonly partSizeBytes: number;
  readonly totalParts: number;
}

/** Where a part is in the whole. */
export interface PartPlace {
  readonly offset: number;
  readonly sizeBytes: number;
}

/** The layout for an image of `sizeBytes`, from 1 to {@link MAX_MULTIPART_BYTES}. */
export function partLayout(sizeBytes: number): PartLayout {
  const wanted = Math.ceil(sizeBytes / USUAL_PARTS / MIB) * MIB;
  const partSizeBytes = Math.min(Math.max(wanted, MIN_PART_BYTES), MAX_PART_BYTES);
  return { partSizeBytes, totalParts: Math.ceil(sizeBytes / partSizeBytes) };
}

/** The place of a part, undefined if there is no part of that number. */
export function partPlace(
  upload: PartLayout & { readonly sizeBytes: number },
  partNumber: number,
): PartPlace | undefined {
  if (!Number.isInteger(partNumber) || partNumber < 1 || partNumber > upload.totalParts) {
    return undefined;
  }
  const offset = (partNumber - 1) * upload.partSizeBytes;
  return { offset, sizeBytes: Math.min(upload.partSizeBytes, upload.sizeBytes - offset) };
}
