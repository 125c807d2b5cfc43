import type { FileHandle } from "node:fs/promises";

/** Writes all chunks at `position` in as few system calls as possible; returns where they end. */
export async function writeChunks(
  handle: FileHandle,
  chunks: readonly Uint8Array[],
  position: number,
): Promise<number> {
  const total = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  let { bytesWritten } = await handle.writev([...chunks], position);
  // A nearly full disk accepts only some of the bytes, and fails on the next call.
  while (bytesWritten < total) {
    bytesWritten += await writeRest(handle, chunks, { position, skip: bytesWritten });
  }
  return position + total;
}

/** Writes what is left of the first chunk that is not written completely. */
async function writeRest(
  handle: FileHandle,
  chunks: readonly Uint8Array[],
  at: { readonly position: number; readonly skip: number },
): Promise<number> {
  let start = 0;
  for (const chunk of chunks) {
    const end = start + chunk.length;
    if (at.skip < end) {
      const rest = chunk.subarray(at.skip - start);
      const { bytesWritten } = await handle.write(rest, 0, rest.length, at.position + at.skip);
      return bytesWritten;
    }
    start = end;
  }
  return 0;
}
