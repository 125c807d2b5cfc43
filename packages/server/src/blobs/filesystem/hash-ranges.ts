import type { RangesToHash } from "../blob-store.js";
import { sumOf } from "../byte-sink.js";
import { type HashThread, startHashThread } from "./hash-thread.js";

/** Bytes hashed between two checks whether the result is still wanted. */
const STEP_BYTES = 32 * 1024 * 1024;
/** The thread computes one hash at a time. */
const HASH_ID = 1;

/**
 * SHA-256 of consecutive ranges of a file in lower-case hex, computed in a thread started for this
 * call. Stops early once `isAbandoned` returns true. Throws the system's error, and an Error if the
 * file is too short.
 */
export async function hashRanges(
  path: string,
  { start, end, rangeBytes }: RangesToHash,
  isAbandoned: () => boolean,
): Promise<string[]> {
  const thread = startHashThread();
  try {
    const hexes: string[] = [];
    for (let offset = start; offset < end && !isAbandoned(); offset += rangeBytes) {
      const range = { path, offset, end: Math.min(end, offset + rangeBytes) };
      await hashRange(thread, range, isAbandoned);
      if (!isAbandoned()) hexes.push(sumOf(await thread.finish(HASH_ID), "sha256"));
    }
    return hexes;
  } finally {
    thread.close();
  }
}

interface Range {
  readonly path: string;
  readonly offset: number;
  readonly end: number;
}

async function hashRange(
  thread: HashThread,
  { path, offset, end }: Range,
  isAbandoned: () => boolean,
): Promise<void> {
  for (let at = offset; at < end && !isAbandoned();) {
    const length = Math.min(STEP_BYTES, end - at);
    const bytes = await thread.update(HASH_ID, { path, offset: at, length, sums: ["sha256"] });
    if (bytes < length) throw new Error(`the file ends at ${at + bytes}, before ${end}`);
    at += length;
  }
}
