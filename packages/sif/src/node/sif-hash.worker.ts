// Runs in a thread of its own: hashes one range of an open file, posts the result and ends.

import { createHash } from "node:crypto";
import { readSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";

/** What the thread is started with: a range that lies inside the file. */
export interface HashTask {
  /** An open file. It must stay open until the thread has ended. */
  readonly fd: number;
  /** First byte. */
  readonly offset: number;
  /** Number of bytes. */
  readonly size: number;
  /** The algorithm's name in `node:crypto`. */
  readonly hashName: string;
}

/** What the thread posts. */
export interface HashedRange {
  /** How many bytes were hashed: fewer than asked for if the file has become shorter. */
  readonly done: number;
  readonly digest: Uint8Array;
}

/**
 * Bytes read at a time. They stay in the processor's cache while they are hashed; reading ahead on
 * another processor takes a fifth more processor time.
 */
const BUFFER_BYTES = 128 * 1024;

function hashRange({ fd, offset, size, hashName }: HashTask): HashedRange {
  const hash = createHash(hashName);
  const buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  let done = 0;
  while (done < size) {
    const length = readSync(fd, buffer, 0, Math.min(BUFFER_BYTES, size - done), offset + done);
    if (length === 0) break;
    hash.update(length === BUFFER_BYTES ? buffer : buffer.subarray(0, length));
    done += length;
  }
  return { done, digest: new Uint8Array(hash.digest()) };
}

parentPort?.postMessage(hashRange(workerData));
