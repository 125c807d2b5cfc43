import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import {
  assertRange,
  type ByteSource,
  ByteSourceError,
  type ReadOptions,
} from "../bytes/byte-source.js";
import { hashRanges } from "../bytes/hash-data.js";
import { hashInThread } from "./hash-in-thread.js";

/**
 * Smallest range to hash in a thread: 16 MiB. For smaller ranges, starting the thread costs more
 * than it saves.
 */
const MIN_THREAD_BYTES = 16 * 1024 * 1024;

/** A {@link ByteSource} over an open file. Close it when done. */
export interface FileByteSource extends ByteSource {
  /** Closes the file once running digests have finished. Later reads fail. */
  close(): Promise<void>;
}

/**
 * Opens a file for random access. The file stays open, so later reads see the same file that was
 * verified, even if its path has been replaced since.
 *
 * @throws the error of `fs.open` if the path cannot be opened
 * @throws {ByteSourceError} `source-not-a-file` if the path is a folder, pipe or device
 */
export async function openFileByteSource(path: string): Promise<FileByteSource> {
  // Without O_NONBLOCK, opening a pipe would wait for a writer. For files it makes no difference.
  const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) {
      throw new ByteSourceError(
        "source-not-a-file",
        `cannot read ${path}: it is not a regular file`,
      );
    }
    return fileByteSource(handle, stats.size);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

function fileByteSource(handle: FileHandle, size: number): FileByteSource {
  const threads = new Set<Promise<unknown>>();
  const digestInThread: typeof hashInThread = async (...task) => {
    const hashing = hashInThread(...task);
    threads.add(hashing);
    try {
      return await hashing;
    } finally {
      threads.delete(hashing);
    }
  };
  const source: FileByteSource = {
    size,
    read: (offset, length, options) => readFile(handle, { size, offset, length }, options),
    async digest(algorithm, { offset, size: length }, options) {
      options?.signal?.throwIfAborted();
      assertRange(size, offset, length);
      const range = { fd: handle.fd, offset, size: length };
      const isLarge = length >= MIN_THREAD_BYTES;
      const hashed = isLarge ? await digestInThread(range, algorithm, options) : null;
      if (hashed === null)
        return hashRanges(source, [{ offset, size: length }], algorithm, options);
      if (hashed.done < length) throw shortRead({ offset, length, found: hashed.done });
      return hashed.digest;
    },
    async close() {
      // The next opened file reuses a closed descriptor's number, and a thread would hash that
      // file.
      await Promise.allSettled(threads);
      await handle.close();
    },
  };
  return source;
}

async function readFile(
  handle: FileHandle,
  { size, offset, length }: { size: number; offset: number; length: number },
  options?: ReadOptions,
): Promise<Uint8Array> {
  options?.signal?.throwIfAborted();
  assertRange(size, offset, length);
  const bytes = Buffer.allocUnsafeSlow(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(bytes, filled, length - filled, offset + filled);
    options?.signal?.throwIfAborted();
    if (bytesRead === 0) throw shortRead({ offset, length, found: filled });
    filled += bytesRead;
  }
  return new Uint8Array(bytes.buffer, bytes.byteOffset, length);
}

function shortRead(range: { offset: number; length: number; found: number }): ByteSourceError {
  const { offset, length, found } = range;
  return new ByteSourceError(
    "source-short-read",
    `cannot read ${length} bytes at ${offset}: the file ended after ${found}`,
  );
}
