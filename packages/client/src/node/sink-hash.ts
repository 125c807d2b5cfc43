import type { Worker } from "node:worker_threads";

import { LibraryError } from "../errors.js";
import { INTO_PAGE_BYTES } from "../read-memory.js";
import type { SinkHash } from "../transfer/byte-sink.js";
import { startThread } from "./start-thread.js";

/** Below this size a thread takes longer to start than the image to hash. */
const MIN_BYTES = 16 * 1024 * 1024;

/** It reads back what was written, which is still in the page cache, so that the buffers of the transfer can be reused at once. */
const THREAD = `
const { parentPort, workerData: fd } = require("node:worker_threads");
const { createHash } = require("node:crypto");
const { readSync } = require("node:fs");
const hash = createHash("sha256");
const buffer = Buffer.allocUnsafeSlow(${INTO_PAGE_BYTES} + 256 * 1024).subarray(${INTO_PAGE_BYTES});
const update = ({ offset, length }) => {
  for (let done = 0; done < length; ) {
    const count = readSync(fd, buffer, 0, Math.min(buffer.length, length - done), offset + done);
    if (count === 0) throw new Error("the partial file became shorter while it was hashed");
    hash.update(buffer.subarray(0, count));
    done += count;
  }
};
parentPort.on("message", (range) => {
  try {
    if (range === null) return parentPort.postMessage({ digestHex: hash.digest("hex") });
    update(range);
    parentPort.postMessage({});
  } catch (error) {
    parentPort.postMessage({ error });
  }
});
`;

/**
 * A SHA-256 over a file that is open as `fd`, in a thread of its own. Undefined for small files and where no thread can
 * be started; then the caller hashes.
 */
export async function openFileHash(fd: number, sizeBytes: number): Promise<SinkHash | undefined> {
  if (sizeBytes < MIN_BYTES) return undefined;
  const thread = startThread(THREAD, fd);
  if (thread === undefined) return undefined;
  const hasStarted = await new Promise<boolean>((resolve) => {
    thread.once("online", () => resolve(true));
    thread.once("error", () => resolve(false));
  });
  return hasStarted ? threadHash(thread) : undefined;
}

/** What the thread answers. */
interface ThreadAnswer {
  readonly digestHex?: string;
  readonly error?: unknown;
}

/** Requests are made one after the other. */
function threadHash(thread: Worker): SinkHash {
  let settle: ((answer: ThreadAnswer) => void) | undefined;
  let failure: ThreadAnswer | undefined;
  const fail = (error: unknown) => {
    failure ??= { error };
    settle?.(failure);
  };
  thread.on("message", (answer: ThreadAnswer) => settle?.(answer));
  thread.on("error", fail);
  thread.on("exit", () => fail(new Error("the thread that hashes has ended")));
  const ask = async (message: { offset: number; length: number } | null) => {
    const answer = await new Promise<ThreadAnswer>((resolve) => {
      settle = resolve;
      if (failure === undefined) thread.postMessage(message, []);
      else resolve(failure);
    });
    if (answer.error !== undefined) throw hashError(answer.error);
    return answer;
  };
  return {
    update: async (offset, length) => void (await ask({ offset, length })),
    digestHex: async () => (await ask(null)).digestHex ?? "",
    close: async () => void (await thread.terminate()),
  };
}

function hashError(cause: unknown): LibraryError {
  const reason = cause instanceof Error ? cause.message : "unknown error";
  return new LibraryError("file-not-readable", `could not hash what arrived: ${reason}`, { cause });
}
