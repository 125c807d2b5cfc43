import type { ByteRange } from "../transfer/byte-range.js";

/** Least fetched at a time: covers header and descriptors of an ordinary image. */
const MIN_FETCH_BYTES = 64 * 1024;
/** Most fetched ahead of sequential reads, which double the amount each time. */
const MAX_FETCH_BYTES = 8 * 1024 * 1024;
/** Most kept for further reads, in addition to the latest fetch. */
const MAX_HELD_BYTES = 16 * 1024 * 1024;

/** Decides how much to fetch for a read, and keeps it for the next ones. */
export interface ReadAhead {
  /** Returns the bytes of a range if they are kept. */
  find(offset: number, length: number): Uint8Array | undefined;
  /** Returns what to fetch for a range that is not kept: the range, or more from its start. */
  plan(offset: number, length: number): ByteRange;
  /** Keeps what was fetched. */
  hold(offset: number, bytes: Uint8Array): void;
}

/** Creates the read-ahead for a source of `sizeBytes`. */
export function createReadAhead(sizeBytes: number): ReadAhead {
  let held: { readonly offset: number; readonly bytes: Uint8Array }[] = [];
  return {
    find(offset, length) {
      const found = held.find(
        (fetched) =>
          fetched.offset <= offset && offset + length <= fetched.offset + fetched.bytes.byteLength,
      );
      const start = offset - (found?.offset ?? 0);
      return found?.bytes.subarray(start, start + length);
    },
    plan(offset, length) {
      const [latest] = held;
      const continues =
        latest !== undefined &&
        latest.offset < offset &&
        offset <= latest.offset + latest.bytes.byteLength;
      const ahead = continues
        ? Math.min(2 * latest.bytes.byteLength, MAX_FETCH_BYTES)
        : MIN_FETCH_BYTES;
      return { offset, length: Math.min(Math.max(length, ahead), sizeBytes - offset) };
    },
    hold(offset, bytes) {
      held = [{ offset, bytes }, ...held];
      let total = 0;
      held = held.filter((fetched, index) => {
        total += fetched.bytes.byteLength;
        return index === 0 || total <= MAX_HELD_BYTES;
      });
    },
  };
}
