import { LibraryError } from "../errors/library-error.js";
import type { SinkHash } from "../transfer/byte-sink.js";
import { createHashThread } from "./hash-thread.js";

/** Smaller images are hashed sooner than a thread starts. */
const MIN_BYTES = 16 * 1024 * 1024;

/**
 * Starts a SHA-256, in a thread, over the file open as `fd`. It reads back what was written, which
 * is still in the page cache, so that the transfer can reuse its buffers at once.
 *
 * @returns undefined for small files and where no thread can be had; then the caller hashes.
 */
export async function openSinkHash(fd: number, sizeBytes: number): Promise<SinkHash | undefined> {
  if (sizeBytes < MIN_BYTES) return undefined;
  const thread = createHashThread(fd);
  if (thread === undefined || !(await thread.started)) return undefined;
  const hash = thread.begin();
  return {
    async update(offset, length) {
      const isRead = await hash.update({ offset, length }).catch(throwHashError);
      if (!isRead) throwHashError(new Error("the partial file became shorter while it was hashed"));
    },
    digestHex: () => hash.digestHex().catch(throwHashError),
    close: thread.close,
  };
}

function throwHashError(cause: unknown): never {
  const reason = cause instanceof Error ? cause.message : "unknown error";
  throw new LibraryError("file-not-readable", `could not hash what arrived: ${reason}`, { cause });
}
