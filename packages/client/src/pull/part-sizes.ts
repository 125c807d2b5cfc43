import { LibraryError } from "../errors.js";

/** Parts fetched at a time at first from a library that is near: enough to fill most links, few enough to be no burden. */
export const DEFAULT_CONCURRENCY = 4;

/** Milliseconds until an answer for each of which there is one part more at first: a connection brings at most a window a round trip. */
const LATENCY_MS_OF_A_PART = 3;

/** Most parts fetched at a time unless more are allowed. */
export const MAX_ADAPTIVE_CONCURRENCY = 16;

/** Most parts that may be allowed at a time. */
export const MAX_CONCURRENCY = 64;

/** Smallest part that is chosen by itself; below it, requests cost more than they gain. */
export const MIN_PART_BYTES = 8 * 1024 * 1024;

/** Largest part that is chosen by itself; more would have to be fetched again after a fault. */
export const MAX_PART_BYTES = 64 * 1024 * 1024;

/** Largest part with a sink that cannot be read back, because parts wait for their turn in memory. */
export const MAX_HELD_PART_BYTES = 8 * 1024 * 1024;

/** Images below this size are one part: a second connection would cost more than it gains. */
export const MIN_PARTED_BYTES = 16 * 1024 * 1024;

/** Parts that an image of middling size is cut into. */
const TARGET_PARTS = 64;

/** How an image is fetched in parts. */
export interface PartOptions {
  /**
   * Most parts fetched at a time, 1 to {@link MAX_CONCURRENCY}, default {@link MAX_ADAPTIVE_CONCURRENCY}. A pull starts
   * with {@link DEFAULT_CONCURRENCY}, with more where the library is far, adds more while that brings more, and halves them when the library is overloaded.
   */
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

/** Parts to fetch at a time at first, when it took so long until a part was answered. */
export function firstConcurrency(latencyMs: number): number {
  return Math.max(DEFAULT_CONCURRENCY, Math.floor(latencyMs / LATENCY_MS_OF_A_PART));
}

/**
 * A 64th of the image, as a power of two within {@link MIN_PART_BYTES} and {@link MAX_PART_BYTES}; all of an image below
 * {@link MIN_PARTED_BYTES}.
 */
export function defaultPartSize(sizeBytes: number): number {
  if (sizeBytes < MIN_PARTED_BYTES) return Math.max(1, sizeBytes);
  const power = 2 ** Math.ceil(Math.log2(sizeBytes / TARGET_PARTS));
  return Math.min(MAX_PART_BYTES, Math.max(MIN_PART_BYTES, power));
}
