import { Fault } from "../faults/fault.js";

/** How an upload is divided. All parts have `partSizeBytes` but the last, which has the rest. */
export interface PartLayout {
  readonly partSizeBytes: number;
  readonly totalParts: number;
}

/** Where a part lies in the whole. */
export interface PartPlace {
  readonly offset: number;
  readonly sizeBytes: number;
}

/** Returns the place of a part; undefined if the upload has no part of that number. */
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

/** Like {@link partPlace}; throws Fault `bad-request` if the upload has no part of that number. */
export function requirePartPlace(
  upload: PartLayout & { readonly sizeBytes: number },
  partNumber: number,
): PartPlace {
  const place = partPlace(upload, partNumber);
  if (place !== undefined) return place;
  throw noSuchPart(upload, partNumber);
}

/** The fault for a number that no part of the upload has. */
export function noSuchPart({ totalParts }: PartLayout, partNumber: number): Fault {
  return new Fault(
    "bad-request",
    `there is no part ${partNumber}; this upload has the parts 1 to ${totalParts}`,
  );
}
