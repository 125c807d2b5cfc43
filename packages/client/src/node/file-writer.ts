import { startThread } from "./start-thread.js";

/** Writes to an open file from a thread of its own, one after the other. */
export interface FileWriter {
  /** Whether the thread runs; only then {@link write} may be called. */
  readonly isReady: () => boolean;
  /** Writes all of `bytes`, which lie in shared memory, at `offset`. Rejects with the system's error. */
  readonly write: (offset: number, bytes: Uint8Array) => Promise<void>;
  /** Ends the thread. Resolves once nothing is written any more; what was not written by then rejects. */
  readonly close: () => Promise<void>;
}

/**
 * Errors lose their codes on the way to other threads, so those are sent apart.
 *
 * It writes 64 KiB at a time. Linux caches a write in contiguous memory if there is some, and large free pieces are what virtual
 * machines have given back to their host: taking them again can make writes of 1 MiB up to eight times as slow.
 */
const THREAD = `
const { parentPort, workerData: fd } = require("node:worker_threads");
const { writeSync } = require("node:fs");
const PIECE_BYTES = 64 * 1024;
parentPort.on("message", ({ offset, bytes }) => {
  try {
    for (let done = 0; done < bytes.length; ) {
      const length = Math.min(PIECE_BYTES, bytes.length - done);
      done += writeSync(fd, bytes, done, length, offset + done);
    }
    parentPort.postMessage({});
  } catch (error) {
    parentPort.postMessage({ error, code: error.code });
  }
});
`;

interface Answer {
  readonly error?: Error;
  readonly code?: string;
}

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/**
 * A writer to the file that is open as `fd`, and stays so until {@link FileWriter.close} has resolved. Handing each write
 * to the threads that Node has for files, and waking one of them for it, takes longer than the write. Undefined where there
 * is no thread to be had.
 */
export function createFileWriter(fd: number): FileWriter | undefined {
  const thread = startThread(THREAD, fd);
  if (thread === undefined) return undefined;
  // An idle thread does not keep the process alive, as what is waited for does.
  thread.unref();
  const waiting: Waiting[] = [];
  let isReady = false;
  const end = (error: Error) => {
    isReady = false;
    for (const { reject } of waiting.splice(0)) reject(error);
  };
  thread.once("online", () => (isReady = true));
  thread.on("message", ({ error, code }: Answer) => {
    const first = waiting.shift();
    if (waiting.length === 0) thread.unref();
    if (error === undefined) first?.resolve();
    else first?.reject(Object.assign(error, { code }));
  });
  thread.on("error", end);
  thread.on("exit", () => end(new Error("the thread that writes has ended")));
  return {
    isReady: () => isReady,
    write: (offset, bytes) =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        thread.ref();
        thread.postMessage({ offset, bytes }, []);
      }),
    close: async () => void (await thread.terminate()),
  };
}
