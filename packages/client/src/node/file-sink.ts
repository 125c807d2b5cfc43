import { type FileHandle, open } from "node:fs/promises";

import { LibraryError } from "../errors/library-error.js";
import type { ByteSink } from "../transfer/byte-sink.js";
import { onFile } from "./file-error.js";
import { readAt } from "./file-source.js";
import { createFileWriter } from "./file-writer.js";

/** A file to pull into. Close it when done. */
export interface FileSink extends ByteSink {
  read(offset: number, length: number): Promise<Uint8Array>;
  /** Resolves once everything written is on the disk. */
  sync(): Promise<void>;
  /** Resolves once no write is in progress. The file stays open. */
  stop(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Creates a file to pull into. It must not exist. SIF files are executable, so its mode allows
 * execution as far as the process's umask does, like the files of `singularity pull`.
 *
 * @throws LibraryError `file-exists`, `file-not-writable`.
 */
export async function createFileSink(path: string): Promise<FileSink> {
  try {
    return fileSink(path, await open(path, "wx+", 0o777));
  } catch (cause) {
    const exists = cause instanceof Error && "code" in cause && cause.code === "EEXIST";
    if (exists) throw new LibraryError("file-exists", `${path} already exists`, { cause });
    return onFile("file-not-writable", path, () => Promise.reject(cause));
  }
}

/** The disk starts to sync after this many bytes, so that the final sync is short. */
const SYNC_AHEAD_BYTES = 32 * 1024 * 1024;

/** Smaller images are written sooner than a thread starts. */
const MIN_THREAD_BYTES = 16 * 1024 * 1024;

/**
 * Returns a sink for a file open for reading and writing. `path` names it in errors. If `sizeBytes`
 * (default 0) is large, it writes in a thread.
 */
export function fileSink(path: string, handle: FileHandle, sizeBytes = 0): FileSink {
  const write = <T>(operation: () => Promise<T>) => onFile("file-not-writable", path, operation);
  const writer = sizeBytes < MIN_THREAD_BYTES ? undefined : createFileWriter(handle.fd);
  const stop = async () => writer?.close();
  const ahead = syncAhead(handle);
  // One write at a time: concurrent ones would only compete for the file's lock.
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = (operation: () => Promise<void>): Promise<void> => {
    const done = turn.then(operation);
    turn = done.catch(() => {});
    return done;
  };
  return {
    async write(offset, bytes) {
      const inThread = writer?.isReady() === true && bytes.buffer instanceof SharedArrayBuffer;
      await write(() =>
        inThread ? writer.write(offset, bytes) : inTurn(() => writeAt(handle, offset, bytes)),
      );
      await write(() => ahead.wrote(bytes.byteLength));
    },
    async read(offset, length) {
      const bytes = await readAt(path, handle, { offset, length });
      if (bytes.byteLength === length) return bytes;
      throw new LibraryError("file-not-readable", `${path} became shorter while it was written`);
    },
    sync: () => write(() => ahead.finish()),
    stop,
    async close() {
      await stop();
      await write(() => handle.close());
    },
  };
}

interface SyncAhead {
  /** Records written bytes. Rejects with the error that kept the disk from taking earlier ones. */
  readonly wrote: (bytes: number) => Promise<void>;
  readonly finish: () => Promise<void>;
}

/** The system reports a failed write-back only once, so the error is kept. */
function syncAhead(handle: FileHandle): SyncAhead {
  let waitingBytes = 0;
  let running: Promise<void> | undefined;
  let failure: { readonly error: unknown } | undefined;
  const throwIfFailed = () => {
    if (failure !== undefined) throw failure.error;
  };
  const begin = () => {
    waitingBytes = 0;
    running = handle
      .datasync()
      .catch((error: unknown) => void (failure ??= { error }))
      .finally(() => (running = undefined));
  };
  return {
    async wrote(bytes) {
      throwIfFailed();
      waitingBytes += bytes;
      if (waitingBytes >= SYNC_AHEAD_BYTES && running === undefined) begin();
    },
    async finish() {
      await running;
      throwIfFailed();
      await handle.sync();
    },
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
