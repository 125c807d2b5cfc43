import { type FileHandle, open } from "node:fs/promises";

import { assertRange } from "@sifshelf/sif";

import { Fault } from "../../faults/fault.js";
import type { OpenBytes } from "../open-bytes.js";
import { withStorageFaults } from "./storage-fault.js";

/** Opens a file for reading at any offset. Throws the system's error if it cannot be opened. */
export async function openFileBytes(path: string): Promise<OpenBytes> {
  const handle = await open(path, "r");
  try {
    const { size } = await handle.stat();
    return fileBytes(handle, size);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

function fileBytes(handle: FileHandle, size: number): OpenBytes {
  const readUpTo = (buffer: Uint8Array, offset: number) =>
    withStorageFaults("read stored bytes", () => fill(handle, buffer, offset));
  return {
    size,
    fd: handle.fd,
    readUpTo,
    async read(offset, length, options) {
      options?.signal?.throwIfAborted();
      assertRange(size, offset, length);
      const bytes = new Uint8Array(length);
      const bytesRead = await readUpTo(bytes, offset);
      options?.signal?.throwIfAborted();
      if (bytesRead === length) return bytes;
      throw new Fault(
        "internal",
        `the library could not read stored bytes: the file ended ${length - bytesRead} bytes early`,
      );
    },
    close: () => handle.close(),
  };
}

async function fill(handle: FileHandle, buffer: Uint8Array, offset: number): Promise<number> {
  let filled = 0;
  while (filled < buffer.length) {
    const { bytesRead } = await handle.read(
      buffer,
      filled,
      buffer.length - filled,
      offset + filled,
    );
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled;
}
