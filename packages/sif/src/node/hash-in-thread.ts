import { Worker } from "node:worker_threads";
import type { ReadOptions } from "../bytes/byte-source.js";
import type { DigestAlgorithm } from "../bytes/digest-algorithm.js";
import { nodeHashName } from "./platform-hash.js";

/** A range of an open file, all of it inside the file. */
export interface FileRange {
  readonly fd: number;
  readonly offset: number;
  readonly size: number;
}

/**
 * What the thread runs; a text, so that bundlers cannot lose it. It reads and hashes in turns, by pieces
 * that stay in the processor's cache: reading ahead on another processor takes a fifth more processor time.
 */
const PROGRAM = `
const { readSync } = require("node:fs");
const { createHash } = require("node:crypto");
const { parentPort, workerData: { fd, offset, size, hashName, pieceBytes } } = require("node:worker_threads");
const hash = createHash(hashName);
const piece = Buffer.allocUnsafeSlow(pieceBytes);
let done = 0;
while (done < size) {
  const length = readSync(fd, piece, 0, Math.min(pieceBytes, size - done), offset + done);
  if (length === 0) break;
  hash.update(length === pieceBytes ? piece : piece.subarray(0, length));
  done += length;
}
parentPort.postMessage({ done, digest: new Uint8Array(hash.digest()) });
`;

const PIECE_BYTES = 128 * 1024;

/** Most threads at a time; more would only take the processors from each other. */
const MAX_THREADS = 4;
let running = 0;

/** What came of a range: its digest, and how many bytes there were before the file ended. */
export interface HashedRange {
  readonly done: number;
  readonly digest: Uint8Array;
}

/**
 * Hashes a range of a file in a thread of its own, so that neither the caller's event loop nor its
 * memory has to do with it. The file must stay open until then.
 *
 * @returns `null` when there is no thread to be had: too many are at work, or Node was started without
 *   leave for them
 * @throws `signal.reason` after an abort, and errors of the file system
 */
export async function hashInThread(
  range: FileRange,
  algorithm: DigestAlgorithm,
  { signal }: ReadOptions = {},
): Promise<HashedRange | null> {
  signal?.throwIfAborted();
  const worker = running < MAX_THREADS ? startThread(range, algorithm) : null;
  if (worker === null) return null;
  running += 1;
  const abort = (): void => void worker.terminate();
  signal?.addEventListener("abort", abort, { once: true });
  try {
    return await resultOf(worker);
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener("abort", abort);
    running -= 1;
  }
}

function startThread(range: FileRange, algorithm: DigestAlgorithm): Worker | null {
  const workerData = { ...range, hashName: nodeHashName(algorithm), pieceBytes: PIECE_BYTES };
  try {
    return new Worker(PROGRAM, { eval: true, workerData, execArgv: [] });
  } catch {
    return null;
  }
}

/** Resolves when the thread is gone, which also no longer reads the file. */
async function resultOf(worker: Worker): Promise<HashedRange> {
  return await new Promise((resolve, reject) => {
    let result: HashedRange | null = null;
    let failure: unknown = new Error("the thread that hashes a file ended early");
    worker.on("message", (message: HashedRange) => {
      result = message;
    });
    worker.on("error", (error) => {
      failure = error;
    });
    worker.on("exit", () => {
      if (result === null) reject(failure);
      else resolve(result);
    });
  });
}
