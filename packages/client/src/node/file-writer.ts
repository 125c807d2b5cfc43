import { startThread } from "./start-thread.js";
import type { WriteCommand, WriteResult } from "./write-file.worker.js";

/** Writes to an open file in a thread, one write at a time. */
export interface FileWriter {
  /** Whether the thread runs. Call {@link write} only then. */
  readonly isReady: () => boolean;
  /**
   * Writes all of `bytes`, which lie in shared memory, at `offset`. Rejects with the system's
   * error.
   */
  readonly write: (offset: number, bytes: Uint8Array) => Promise<void>;
  /** Stops the thread. Resolves once no write is in progress; unfinished writes reject. */
  readonly close: () => Promise<void>;
}

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Starts a thread that writes to the file open as `fd`, which has to stay open until {@link
 * FileWriter.close} resolves. Waking one of Node's own file threads for each write would take
 * longer than the write. Returns undefined where no thread can be had.
 */
export function createFileWriter(fd: number): FileWriter | undefined {
  const thread = startThread("write-file", fd);
  if (thread === undefined) return undefined;
  // An idle thread does not keep the process alive; a pending write does.
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
