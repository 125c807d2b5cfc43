import type { FileHandle } from "node:fs/promises";

/** Bytes written to a file before they are flushed to disk. */
const FLUSH_BYTES = 8 * 1024 * 1024;
/** Most files flushed at once before their end. Each occupies one of Node's four file threads. */
const MAX_FLUSHES = 2;

/** A file that is flushed to disk while it is written. */
export interface FlushedFile {
  /** Tells that `bytes` more were written. */
  wrote(bytes: number): void;
  /**
   * Resolves once everything written is on disk. Throws the system's error, also that of an earlier
   * flush.
   */
  sync(): Promise<void>;
}

/** Flushes files to disk. */
export interface Flusher {
  /** Takes on a file that stays open until nothing is written any more. */
  begin(handle: Pick<FileHandle, "datasync">): FlushedFile;
}

/**
 * Creates a flusher, which keeps the disk busy while bytes arrive. Parallel parts end at the same
 * time, because a sync concerns the whole file: without flushing they would all arrive while the
 * disk is idle, and then wait for the disk while nothing arrives.
 */
export function createFlusher(): Flusher {
  let running = 0;
  return {
    begin(handle) {
      let unflushedBytes = 0;
      let flushing: Promise<void> | undefined;
      // The system reports a failed write only once, to the first sync.
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
          unflushedBytes += bytes;
          const isEnough = unflushedBytes >= FLUSH_BYTES;
          if (!isEnough || flushing !== undefined || running >= MAX_FLUSHES) return;
          unflushedBytes = 0;
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
