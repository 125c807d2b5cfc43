import type { FileHandle } from "node:fs/promises";

/** Bytes written to a file after which they are sent to the disk. */
const FLUSH_BYTES = 8 * 1024 * 1024;
/** Files flushed at a time ahead of their end. Each takes one of Node's four threads for files. */
const MAX_FLUSHES = 2;

/** A file whose bytes go to the disk while it is written. */
export interface FlushedFile {
  /** So many bytes more were written. */
  wrote(bytes: number): void;
  /** Resolves once all that was written is on the disk. Throws what the system throws, or has thrown since the file was opened. */
  sync(): Promise<void>;
}

/** What sends files to the disk. */
export interface Flusher {
  /** For a file that is open for writing until nothing is written any more. */
  begin(handle: Pick<FileHandle, "datasync">): FlushedFile;
}

/**
 * Keeps the disk at work while bytes arrive. Parts that come several at a time end at the same time, since a sync is of the whole
 * file: without this all of them arrive while the disk rests, and then wait for it while nothing arrives.
 */
export function createFlusher(): Flusher {
  let running = 0;
  return {
    begin(handle) {
      let unsentBytes = 0;
      let flushing: Promise<void> | undefined;
      // The system tells of a failed write once, to whoever syncs first.
      let failure: { readonly error: unknown } | undefined;
      const flush = async () => {
        running += 1;
        try {
          await handle.datasync();
        } catch (error) {
          failure ??= { error };
        } finally {
          running -= 1;
          flushing = undefined;
        }
      };
      return {
        wrote(bytes) {
          unsentBytes += bytes;
          if (unsentBytes < FLUSH_BYTES || flushing !== undefined || running >= MAX_FLUSHES) return;
          unsentBytes = 0;
          flushing = flush();
        },
        async sync() {
          await handle.datasync();
          await flushing;
          if (failure !== undefined) throw failure.error;
        },
      };
    },
  };
}
