import { mkdtemp, open, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Writable } from "node:stream";

import type { CliContext } from "../context/context.js";
import { write } from "../output/write.js";

/** Bytes of the file in memory at a time. */
const CHUNK_BYTES = 1024 * 1024;

/**
 * Pulls into a file in a private temporary folder, then writes that file to `stream`: the reader
 * gets only verified bytes, and memory does not grow with the image.
 *
 * @param pullInto pulls and verifies the image into the given path
 */
export async function pullToStream(
  stream: Writable,
  { tempDir, signal }: Pick<CliContext, "tempDir" | "signal">,
  pullInto: (path: string) => Promise<unknown>,
): Promise<void> {
  const folder = await mkdtemp(join(tempDir, "sifshelf-"));
  try {
    const path = join(folder, "image.sif");
    await pullInto(path);
    await copyToStream(path, stream, signal);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function copyToStream(path: string, stream: Writable, signal: AbortSignal): Promise<void> {
  const file = await open(path, "r");
  const chunk = new Uint8Array(CHUNK_BYTES);
  try {
    for (;;) {
      signal.throwIfAborted();
      const { bytesRead } = await file.read(chunk, 0, CHUNK_BYTES);
      if (bytesRead === 0) return;
      await write(stream, chunk.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}
