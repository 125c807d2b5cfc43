import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";

import type { ImageHash } from "@sifshelf/protocol";

import { LibraryError } from "../errors/library-error.js";
import { hashByReading } from "../hashing/hash-range.js";
import { imageHash, type ImageHashOptions } from "../hashing/image-hash.js";
import { type ByteRange, partsOf } from "../transfer/byte-range.js";
import type { ByteSource } from "../transfer/byte-source.js";
import { onFile } from "./file-error.js";
import { createHashThread, type HashThread } from "./hash-thread.js";

/** A file to push. Close it when done. */
export interface FileSource extends ByteSource {
  /** Rejects with `source-changed` when the file was modified after it was opened. */
  assertUnchanged(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens a file to push. It stays open, so that the same file is hashed and sent even if its path is
 * replaced meanwhile.
 *
 * @throws LibraryError `file-not-readable`, also when the path is not a regular file.
 */
export async function openFileSource(path: string): Promise<FileSource> {
  // Without O_NONBLOCK, opening a pipe would wait for a writer. It has no effect on files.
  const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
  const handle = await onFile("file-not-readable", path, () => open(path, flags));
  try {
    return await fileSource(path, handle);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function fileSource(path: string, handle: FileHandle): Promise<FileSource> {
  const stat = () => onFile("file-not-readable", path, () => handle.stat({ bigint: true }));
  const opened = await stat();
  if (!opened.isFile()) {
    throw new LibraryError("file-not-readable", `could not read ${path}: it is not a regular file`);
  }
  let thread: HashThread | undefined;
  const source: FileSource = {
    size: Number(opened.size),
    read: async (offset, length, options) => {
      options?.signal?.throwIfAborted();
      const bytes = await readAt(path, handle, { offset, length });
      options?.signal?.throwIfAborted();
      if (bytes.byteLength !== length) throw changed(path);
      return bytes;
    },
    async readInto(offset, target, options) {
      options?.signal?.throwIfAborted();
      const filled = await fillFrom(path, handle, offset, target);
      options?.signal?.throwIfAborted();
      if (filled !== target.byteLength) throw changed(path);
    },
    async sha256(offset, length, { signal, onHashed = () => {} } = {}) {
      signal?.throwIfAborted();
      thread ??= createHashThread(handle.fd);
      const range = { offset, length };
      if (thread === undefined) return hashByReading(source, range, signal, onHashed);
      return hashInThread(thread, { path, range }, signal, onHashed);
    },
    async assertUnchanged() {
      const now = await stat();
      if (now.size !== opened.size || now.mtimeNs !== opened.mtimeNs) throw changed(path);
    },
    async close() {
      // The thread first: another file may be opened with the same descriptor.
      await thread?.close();
      await handle.close();
    },
  };
  return source;
}

/** Bytes hashed per step. Between steps, an abort takes effect and other hashes take their turn. */
const STEP_BYTES = 16 * 1024 * 1024;

async function hashInThread(
  thread: HashThread,
  { path, range }: { readonly path: string; readonly range: ByteRange },
  signal: AbortSignal | undefined,
  onHashed: (bytes: number) => void,
): Promise<string> {
  const hash = thread.begin();
  try {
    for (const step of partsOf(range, STEP_BYTES)) {
      const isRead = await onFile("file-not-readable", path, () => hash.update(step));
      signal?.throwIfAborted();
      if (!isRead) throw changed(path);
      onHashed(step.offset + step.length - range.offset);
    }
    return await onFile("file-not-readable", path, () => hash.digestHex());
  } catch (error) {
    hash.drop();
    throw error;
  }
}

/** Returns the bytes at `offset`, fewer than `length` only at the end of the file. */
export async function readAt(
  path: string,
  handle: FileHandle,
  { offset, length }: { offset: number; length: number },
): Promise<Uint8Array> {
  const bytes = new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
  const filled = await fillFrom(path, handle, offset, bytes);
  return filled === length ? bytes : bytes.subarray(0, filled);
}

/**
 * Fills `target` with the bytes at `offset`. Returns their number, fewer only at the end of the
 * file.
 */
async function fillFrom(
  path: string,
  handle: FileHandle,
  offset: number,
  target: Uint8Array,
): Promise<number> {
  let filled = 0;
  while (filled < target.byteLength) {
    const start = filled;
    const { bytesRead } = await onFile("file-not-readable", path, () =>
      handle.read(target, start, target.byteLength - start, offset + start),
    );
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled;
}

function changed(path: string): LibraryError {
  return new LibraryError(
    "source-changed",
    `${path} changed while it was pushed; push it again once nothing writes to it`,
  );
}

/**
 * Returns the image hash of a file, `sha256.<hex>` (Go: `ImageHash`).
 *
 * @throws LibraryError `file-not-readable`, `source-changed`.
 */
export async function imageHashOfFile(
  path: string,
  options: ImageHashOptions = {},
): Promise<ImageHash> {
  const source = await openFileSource(path);
  try {
    return await imageHash(source, options);
  } finally {
    await source.close();
  }
}
