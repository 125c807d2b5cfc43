import { startThread } from "./start-thread.js";
import type { WriteCommand, WriteResult } from "./write-file.worker.js";

/** Writes to an open file from a thread of its own, one after the other. */
export interface FileWriter {
  /** Whether the thread runs; only then {@link write} may be called. */
  readonly isReady: () => boolean;
  /** Writes all of `bytes`, which lie in shared memory, at `offset`. Rejects with the system's error. */
  readonly write: (offset: number, bytes: Uint8Array) => Promise<void>;
  /** Ends the thread. Resolves once nothing is written any more; what was not written by then rejects. */
  readonly close: () => Promise<void>;
}

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A writer to the file that is open as `fd`, and stays so until {@link FileWriter.close} has resolved. Handing each write
 * to the threads that Node has for files, and waking one of them for it, takes longer than the write. Undefined where there
 * is no thread to be had.
 */
export function createFileWriter(fd: number): FileWriter | undefined {
  const thread = startThread("write-file", fd);
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
  thread.on("message", ({ error, code }: WriteResult) => {
    const first = waiting.shift();
    if (waiting.length === 0) thread.unref();
    if (error === undefined) first?.resolve();
    else first?.reject(error instanceof Error ? Object.assign(error, { code }) : error);
  });
  thread.on("error", end);
  thread.on("exit", () => end(new Error("the thread that writes has ended")));
  return {
    isReady: () => isReady,
    write: (offset, bytes) =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        thread.ref();
        const command: WriteCommand = { offset, bytes };
        thread.postMessage(command, []);
      }),
    close: async () => void (await thread.terminate()),
  };
}
