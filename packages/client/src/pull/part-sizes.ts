import { LibraryError } from "../errors/library-error.js";

/**
 * Initial number of parallel parts from a nearby library: enough to fill most links, few enough not
 * to be a burden.
 */
export const DEFAULT_CONCURRENCY = 4;

/**
 * Milliseconds of latency for each initial part, because a connection transfers at most one window
 * per round trip.
 */
const LATENCY_MS_OF_A_PART = 3;

/** Most parallel parts by default. */
export const MAX_ADAPTIVE_CONCURRENCY = 16;

/** Most parallel parts that an option may allow. */
export const MAX_CONCURRENCY = 64;

/** Smallest part chosen by default; below it, requests cost more than they gain. */
export const MIN_PART_BYTES = 8 * 1024 * 1024;

/** Largest part chosen by default; more would have to be fetched again after an error. */
export const MAX_PART_BYTES = 64 * 1024 * 1024;

/**
 * Largest part with a sink that cannot be read back, because parts wait for their turn in memory.
 */
export const MAX_HELD_PART_BYTES = 8 * 1024 * 1024;

/** Smaller images are one part: a second connection would cost more than it gains. */
export const MIN_PARTED_BYTES = 16 * 1024 * 1024;

/** Number of parts for an image of medium size. */
const TARGET_PARTS = 64;

/** How an image is fetched in parts. */
export interface PartOptions {
  /**
   * Most parts fetched at a time, 1 to 64, default 16. A pull starts with 4, or more where the
   * library is far away, adds more while that raises the throughput, and halves them when the
   * library is overloaded.
   */
  readonly concurrency?: number | undefined;
  /** Bytes of a part, at least 1. Default: chosen by the size of the image. */
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

/**
 * Returns the initial number of parallel parts for the latency of a first reply, in milliseconds.
 */
export function firstConcurrency(latencyMs: number): number {
  return Math.max(DEFAULT_CONCURRENCY, Math.floor(latencyMs / LATENCY_MS_OF_A_PART));
}

/**
 * Returns a 64th of the image, as a power of two between {@link MIN_PART_BYTES} and {@link
 * MAX_PART_BYTES}, or all of an image below {@link MIN_PARTED_BYTES}.
 */
export function defaultPartSize(sizeBytes: number): number {
  if (sizeBytes < MIN_PARTED_BYTES) return Math.max(1, sizeBytes);
  const power = 2 ** Math.ceil(Math.log2(sizeBytes / TARGET_PARTS));
  return Math.min(MAX_PART_BYTES, Math.max(MIN_PART_BYTES, power));
}
