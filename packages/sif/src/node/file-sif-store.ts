import { type FileHandle, open } from "node:fs/promises";
import { assertRange, ByteSourceError } from "../bytes/byte-source.js";
import type { SifStore } from "../write/sif-store.js";

/** A {@link SifStore} over an open file. */
export interface FileSifStore extends SifStore {
  /** Makes all writes durable. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens a file as a store that is changed in place: after a failed edit the file may be damaged.
 * Use `editSifFile` for edits that are all or nothing.
 *
 * @param flags as for `fs.open`: `r+` for a file that exists, `wx+` for a new one
 * @param mode permissions of a new file
 */
export async function openFileSifStore(
  path: string,
  flags: "r+" | "wx+" = "r+",
  mode = 0o666,
): Promise<FileSifStore> {
  const handle = await open(path, flags, mode);
  try {
    const { size } = await handle.stat();
    return fileSifStore(handle, size);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

function fileSifStore(handle: FileHandle, initialSize: number): FileSifStore {
  let size = initialSize;
  return {
    get size() {
      return size;
    },
    async read(offset, length, options) {
      options?.signal?.throwIfAborted();
      assertRange(size, offset, length);
      const bytes = new Uint8Array(length);
      let filled = 0;
      while (filled < length) {
        const { bytesRead } = await handle.read(bytes, filled, length - filled, offset + filled);
        if (bytesRead === 0)
          throw new ByteSourceError(
            "source-short-read",
            `cannot read ${length} bytes at ${offset}: the file ended after ${filled}`,
          );
        filled += bytesRead;
      }
      return bytes;
    },
    async write(offset, bytes) {
      let written = 0;
      while (written < bytes.length) {
        const rest = bytes.length - written;
        const { bytesWritten } = await handle.write(bytes, written, rest, offset + written);
        written += bytesWritten;
      }
      size = Math.max(size, offset + bytes.length);
    },
    async truncate(length) {
      await handle.truncate(length);
      size = length;
    },
    sync: () => handle.sync(),
    close: () => handle.close(),
  };
}
