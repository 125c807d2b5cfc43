import { constants, type FileHandle, open, rm } from "node:fs/promises";
import { dirname } from "node:path";

import type { ByteSink, StagedAttempt, StagedPart } from "../blob-store.js";
import { renameDurably, syncFolder } from "./durable.js";
import { withStagingFaults } from "./storage-fault.js";
import { writeChunks } from "./write-chunks.js";
import type { WrittenHashes } from "./written-hashes.js";

const COPY_BYTES = 1 << 20;

/** Opens the staged file at `path` for writing from `offset` on; makes it (0600) in a folder that exists. */
export async function openStagedPart(
  path: string,
  offset: number,
  hashes: WrittenHashes,
): Promise<StagedPart> {
  const handle = await openStagedFile(path);
  return {
    ...sinkInto(handle, offset, hashes),
    sync: () => withStagingFaults("write a part to disk", () => syncStagedFile(handle, path)),
    async close() {
      hashes.drop();
      await handle.close();
    },
  };
}

function openStagedFile(path: string): Promise<FileHandle> {
  return open(path, constants.O_RDWR | constants.O_CREAT, 0o600);
}

async function syncStagedFile(handle: FileHandle, path: string): Promise<void> {
  await handle.datasync();
  await syncFolder(dirname(path));
}

function sinkInto(handle: FileHandle, offset: number, hashes: WrittenHashes): ByteSink {
  let position = offset;
  return {
    write: (chunks) =>
      withStagingFaults("write an upload", async () => {
        position = await writeChunks(handle, chunks, position);
        await hashes.wrote(chunks);
      }),
    hashes: () => withStagingFaults("check an upload", () => hashes.finish()),
  };
}

/** Makes a new file (0600) at `path` for bytes that may become the staged file at `stagedPath`, or a part of it. */
export async function openStagedAttempt(
  path: string,
  stagedPath: string,
  hashes: WrittenHashes,
): Promise<StagedAttempt> {
  const handle = await open(path, "wx+", 0o600);
  let isKept = false;
  return {
    ...sinkInto(handle, 0, hashes),
    keepAsWhole: () =>
      withStagingFaults("keep an upload", async () => {
        await handle.datasync();
        await renameDurably(path, stagedPath);
        isKept = true;
      }),
    copyToPart: (offset) =>
      withStagingFaults("write a part", () => copyTo(handle, stagedPath, offset)),
    async discard() {
      hashes.drop();
      await handle.close().catch(() => {});
      if (!isKept) await rm(path, { force: true }).catch(() => {});
    },
  };
}

async function copyTo(source: FileHandle, stagedPath: string, offset: number): Promise<void> {
  const staged = await openStagedFile(stagedPath);
  try {
    const { size } = await source.stat();
    const buffer = Buffer.allocUnsafeSlow(Math.min(COPY_BYTES, size));
    for (let position = 0; position < size;) {
      const { bytesRead } = await source.read(buffer, 0, buffer.length, position);
      if (bytesRead === 0) throw new Error("an upload's file ended early");
      await writeChunks(staged, [buffer.subarray(0, bytesRead)], offset + position);
      position += bytesRead;
    }
    await syncStagedFile(staged, stagedPath);
  } finally {
    await staged.close();
  }
}
