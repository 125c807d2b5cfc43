import type { BlobCut } from "../blob-store.js";
import { sumOf } from "../sum-of.js";
import { type HashWorker, startHashWorker } from "./hash-worker.js";

/** Bytes hashed before it is looked whether anybody still wants to know. */
const STEP_BYTES = 32 * 1024 * 1024;
/** The thread has one hash at a time. */
const HASH = 1;

/**
 * SHA-256 of parts of a file, lower-case hex, hashed in a thread that lives as long as this takes; fewer once `isAbandoned` says so.
 * Throws what the system throws, and when the file is too short.
 */
export async function hashParts(
  path: string,
  { start, end, partBytes }: BlobCut,
  isAbandoned: () => boolean,
): Promise<string[]> {
  const worker = startHashWorker();
  try {
    const hexes: string[] = [];
    for (let offset = start; offset < end && !isAbandoned(); offset += partBytes) {
      await hashStretch(
        worker,
        { path, offset, end: Math.min(end, offset + partBytes) },
        isAbandoned,
      );
      if (!isAbandoned()) hexes.push(sumOf(await worker.finish(HASH), "sha256"));
    }
    return hexes;
  } finally {
    worker.close();
  }
}

interface Stretch {
  readonly path: string;
  readonly offset: number;
  readonly end: number;
}

async function hashStretch(
  worker: HashWorker,
  { path, offset, end }: Stretch,
  isAbandoned: () => boolean,
): Promise<void> {
  for (let at = offset; at < end && !isAbandoned();) {
    const length = Math.min(STEP_BYTES, end - at);
    const bytes = await worker.update(HASH, { path, offset: at, length, sums: ["sha256"] });
    if (bytes < length) throw new Error(`the file ends at ${at + bytes}, before ${end}`);
    at += length;
  }
}
