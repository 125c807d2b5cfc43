import { LibraryError } from "../errors.js";
import type { SourceRange } from "./source-stream.js";

/** Parts fetched at a time: enough to fill most links, few enough to be no burden to a library. */
export const DEFAULT_CONCURRENCY = 4;

/** Most parts fetched at a time. */
export const MAX_CONCURRENCY = 64;

/** Smallest part that is chosen by itself; below it, requests cost more than they gain. */
export const MIN_PART_BYTES = 8 * 1024 * 1024;

/** Largest part that is chosen by itself; more would have to be fetched again after a fault. */
export const MAX_PART_BYTES = 64 * 1024 * 1024;

/** Largest part with a sink that cannot be read back, because parts wait for their turn in memory. */
export const MAX_HELD_PART_BYTES = 8 * 1024 * 1024;

/** Parts that an image of middling size is cut into. */
const TARGET_PARTS = 64;

/** How an image is fetched in parts. */
export interface PartOptions {
  /** Parts fetched at a time, 1 to {@link MAX_CONCURRENCY}, default {@link DEFAULT_CONCURRENCY}. */
  readonly concurrency?: number | undefined;
  /** Bytes of a part, at least 1; by default chosen by the size of the image. */
  readonly partSizeBytes?: number | undefined;
}

/** @throws LibraryError `option-not-valid` */
export function checkPartOptions({ concurrency = 1, partSizeBytes = 1 }: PartOptions): void {
  if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > MAX_CONCURRENCY) {
    throw new LibraryError(
      "option-not-valid",
      `concurrency is not a whole number between 1 and ${MAX_CONCURRENCY}`,
    );
  }
  if (!Number.isSafeInteger(partSizeBytes) || partSizeBytes < 1) {
    throw new LibraryError("option-not-valid", "partSizeBytes is not a number of bytes");
  }
}

/** A 64th of the image, as a power of two within {@link MIN_PART_BYTES} and {@link MAX_PART_BYTES}. */
export function defaultPartSize(sizeBytes: number): number {
  const power = 2 ** Math.ceil(Math.log2(Math.max(1, sizeBytes / TARGET_PARTS)));
  return Math.min(MAX_PART_BYTES, Math.max(MIN_PART_BYTES, power));
}

/** The parts of an image, in order; made one by one, since there may be very many. */
export function* partsOf(sizeBytes: number, partSizeBytes: number): Generator<SourceRange, void> {
  for (let offset = 0; offset < sizeBytes; offset += partSizeBytes) {
    yield { offset, length: Math.min(partSizeBytes, sizeBytes - offset) };
  }
}
