import { writeSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";

/** Bytes to write at an offset. */
export interface WriteCommand {
  readonly offset: number;
  /** Lies in shared memory. */
  readonly bytes: Uint8Array;
}

/** The result of one command; neither field is set on success. */
export interface WriteResult {
  readonly error?: unknown;
  /** The code of `error`: errors lose it on their way to another thread. */
  readonly code?: unknown;
}

/**
 * Bytes per system call. Linux caches a write in contiguous memory where it finds some, and large
 * contiguous areas are what virtual machines have returned to their host: taking those back can
 * slow writes of 1 MiB down eightfold.
 */
const WRITE_BYTES = 64 * 1024;

const fd: number = workerData;

function write({ offset, bytes }: WriteCommand): void {
  for (let done = 0; done < bytes.byteLength;) {
    const length = Math.min(WRITE_BYTES, bytes.byteLength - done);
    done += writeSync(fd, bytes, done, length, offset + done);
  }
}

parentPort?.on("message", (command: WriteCommand) => {
  let result: WriteResult = {};
  try {
    write(command);
  } catch (error) {
    result = { error, code: error instanceof Error && "code" in error ? error.code : undefined };
  }
  parentPort?.postMessage(result, []);
});
