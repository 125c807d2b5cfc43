import type { FileHandle } from "node:fs/promises";

/** Writes all of the chunks at `position` in as few calls as the system takes, and answers where they end. */
export async function writeChunks(
  handle: FileHandle,
  chunks: readonly Uint8Array[],
  position: number,
): Promise<number> {
  const total = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  let { bytesWritten } = await handle.writev([...chunks], position);
  // A nearly full disk takes a part of what it is given, and fails when given the rest.
  while (bytesWritten < total) {
    bytesWritten += await writeOne(handle, chunks, { position, skip: bytesWritten });
  }
  return position + total;
}

async function writeOne(
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
