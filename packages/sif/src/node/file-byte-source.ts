import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { assertRange, type ByteSource, ByteSourceError } from "../byte-source.js";

/** A {@link ByteSource} over an open file. Close it when done. */
export interface FileByteSource extends ByteSource {
  /** Closes the file; reads after that fail. */
  close(): Promise<void>;
}

/**
 * Opens a file for random access. The file stays open, so that what was verified and what is read
 * later are the same file even if its path is replaced meanwhile.
 *
 * @throws the error of `fs.open` when the path cannot be opened
 * @throws {ByteSourceError} `source-not-a-file` when the path is a folder, pipe or device
 */
export async function openFileByteSource(path: string): Promise<FileByteSource> {
  // Without O_NONBLOCK, opening a pipe would wait for its writer; for files it changes nothing.
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
  return {
    size,
    async read(offset, length, options) {
      options?.signal?.throwIfAborted();
      assertRange(size, offset, length);
      const bytes = Buffer.allocUnsafeSlow(length);
      let filled = 0;
      while (filled < length) {
        const { bytesRead } = await handle.read(bytes, filled, length - filled, offset + filled);
        options?.signal?.throwIfAborted();
        if (bytesRead === 0) {
          throw new ByteSourceError(
            "source-short-read",
            `cannot read ${length} bytes at ${offset}: the file ended after ${filled}`,
          );
        }
        filled += bytesRead;
      }
      return new Uint8Array(bytes.buffer, bytes.byteOffset, length);
    },
    close: () => handle.close(),
  };
}
