import { constants, type FileHandle, open, rm } from "node:fs/promises";
import { dirname } from "node:path";

import type { StagedAttempt, StagedPart } from "../blob-store.js";
import { renameDurably, syncFolder } from "./durable.js";
import { withStagingFaults, withStorageFaults } from "./storage-fault.js";
import { writeChunks } from "./write-chunks.js";

const COPY_BYTES = 1 << 20;

/** Opens the staged file at `path` for writing from `offset` on; makes it (0600) in a folder that exists. */
export async function openStagedPart(path: string, offset: number): Promise<StagedPart> {
  const handle = await open(path, constants.O_RDWR | constants.O_CREAT, 0o600);
  let position = offset;
  return {
    write: (chunks) =>
      withStorageFaults("write a part", async () => {
        position = await writeChunks(handle, chunks, position);
      }),
    sync: () =>
      withStagingFaults("write a part to disk", async () => {
        await handle.datasync();
        await syncFolder(dirname(path));
      }),
    close: () => handle.close(),
  };
}

/** Makes a new file (0600) at `path` for bytes that may become the staged file at `stagedPath`, or a part of it. */
export async function openStagedAttempt(path: string, stagedPath: string): Promise<StagedAttempt> {
  const handle = await open(path, "wx+", 0o600);
  let position = 0;
  let isKept = false;
  return {
    write: (chunks) =>
      withStorageFaults("write an upload", async () => {
        position = await writeChunks(handle, chunks, position);
      }),
    keepAsWhole: () =>
      withStagingFaults("keep an upload", async () => {
        await handle.datasync();
        await renameDurably(path, stagedPath);
        isKept = true;
      }),
    copyToPart: (offset) =>
      withStagingFaults("write a part", () => copyTo(handle, position, { stagedPath, offset })),
    async discard() {
      await handle.close().catch(() => {});
      if (!isKept) await rm(path, { force: true }).catch(() => {});
    },
  };
}

async function copyTo(
  source: FileHandle,
  length: number,
  target: { readonly stagedPath: string; readonly offset: number },
): Promise<void> {
  const staged = await openStagedPart(target.stagedPath, target.offset);
  try {
    const buffer = Buffer.allocUnsafeSlow(Math.min(COPY_BYTES, length));
    for (let position = 0; position < length;) {
      const { bytesRead } = await source.read(buffer, 0, buffer.length, position);
      if (bytesRead === 0) throw new Error("an upload's file ended early");
      await staged.write([buffer.subarray(0, bytesRead)]);
      position += bytesRead;
    }
    await staged.sync();
  } finally {
    await staged.close();
  }
}
