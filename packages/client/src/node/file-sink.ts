import { type FileHandle, open } from "node:fs/promises";

import { LibraryError } from "../errors.js";
import type { ByteSink } from "../transfer/byte-sink.js";
import { onFile } from "./file-error.js";
import { readAt } from "./file-source.js";

/** A file to pull into. Close it when done. */
export interface FileSink extends ByteSink {
  read(offset: number, length: number): Promise<Uint8Array>;
  /** Resolves once everything written is on the disk. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Creates a file to pull into, which must not exist. SIF files can be run, so it may be executed by whom the process's
 * umask allows, as the files that `singularity pull` makes.
 *
 * @throws LibraryError `file-exists`, `file-not-writable`.
 */
export async function createFileSink(path: string): Promise<FileSink> {
  try {
    return fileSink(path, await open(path, "wx+", 0o777));
  } catch (cause) {
    const exists = cause instanceof Error && "code" in cause && cause.code === "EEXIST";
    if (exists) throw new LibraryError("file-exists", `${path} exists already`, { cause });
    return onFile("file-not-writable", path, () => Promise.reject(cause));
  }
}

/** A sink over a file that is open for reading and writing; `path` names it in errors. */
export function fileSink(path: string, handle: FileHandle): FileSink {
  const write = <T>(operation: () => Promise<T>) => onFile("file-not-writable", path, operation);
  return {
    write: (offset, bytes) => write(() => writeAt(handle, offset, bytes)),
    async read(offset, length) {
      const bytes = await readAt(path, handle, { offset, length });
      if (bytes.byteLength === length) return bytes;
      throw new LibraryError("file-not-readable", `${path} became shorter while it was written`);
    },
    sync: () => write(() => handle.sync()),
    close: () => write(() => handle.close()),
  };
}

async function writeAt(handle: FileHandle, offset: number, bytes: Uint8Array): Promise<void> {
  let done = 0;
  while (done < bytes.byteLength) {
    const { bytesWritten } = await handle.write(
      bytes,
      done,
      bytes.byteLength - done,
      offset + done,
    );
    done += bytesWritten;
  }
}
