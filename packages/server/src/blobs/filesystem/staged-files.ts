import { constants, type FileHandle, open, rm } from "node:fs/promises";
import { dirname } from "node:path";

import type { ByteSink, StagedAttempt, StagedPart, SumName } from "../blob-store.js";
import { readMemory } from "../read-memory.js";
import { renameDurably, syncFolder } from "./durable.js";
import { withStagingFaults } from "./storage-fault.js";
import type { Flusher } from "./flusher.js";
import { createHashingWriter } from "./hashing-writer.js";
import type { HashLanes } from "./hash-lanes.js";
import { writeChunks } from "./write-chunks.js";

const COPY_BYTES = 1 << 20;

/** What sums staged files, and sends them to the disk. */
export interface StagingTools {
  readonly lanes: HashLanes;
  readonly flusher: Flusher;
}

/** Where a part is written. */
export interface PartPlace extends StagingTools {
  /** Of the staged file. */
  readonly path: string;
  readonly offset: number;
  readonly sums: readonly SumName[];
}

/** Opens the staged file for writing; makes it (0600) in a folder that exists. */
export async function openStagedPart(place: PartPlace): Promise<StagedPart> {
  const { path } = place;
  const handle = await openStagedFile(path);
  const writing = beginWriting(handle, place);
  return {
    ...writing.sink,
    sync: () =>
      withStagingFaults("write a part to disk", async () => {
        await writing.sync();
        await syncFolder(dirname(path));
      }),
    async close() {
      await writing.stop();
      await handle.close();
    },
  };
}

function openStagedFile(path: string): Promise<FileHandle> {
  return open(path, constants.O_RDWR | constants.O_CREAT, 0o600);
}

/** An open file that is written, summed and sent to the disk. */
interface Writing {
  readonly sink: ByteSink;
  /** Resolves once all that was written is on the disk. */
  sync(): Promise<void>;
  /** Resolves once nothing is written any more; to be called before the file is closed. */
  stop(): Promise<void>;
}

function beginWriting(handle: FileHandle, place: PartPlace): Writing {
  const { path, offset, sums, lanes, flusher } = place;
  const writer = createHashingWriter({ handle, path, offset, sums }, lanes);
  const file = flusher.begin(handle);
  const sink: ByteSink = {
    write: (chunks) =>
      withStagingFaults("write an upload", async () => {
        const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
        await writer.write(chunks);
        file.wrote(bytes);
      }),
    sums: () => withStagingFaults("check an upload", () => writer.finish()),
  };
  return { sink, sync: () => file.sync(), stop: () => writer.stop() };
}

/** Where an attempt is made. */
export interface AttemptPlace extends StagingTools {
  readonly path: string;
  /** What the bytes may become, or become a part of. */
  readonly stagedPath: string;
  readonly sums: readonly SumName[];
}

/** Makes a new file (0600) at `path` for bytes that may become the staged file at `stagedPath`, or a part of it. */
export async function openStagedAttempt(place: AttemptPlace): Promise<StagedAttempt> {
  const { path, stagedPath } = place;
  const handle = await open(path, "wx+", 0o600);
  const writing = beginWriting(handle, { ...place, offset: 0 });
  let isKept = false;
  return {
    ...writing.sink,
    keepAsWhole: () =>
      withStagingFaults("keep an upload", async () => {
        await writing.sync();
        await renameDurably(path, stagedPath);
        isKept = true;
      }),
    copyToPart: (offset) =>
      withStagingFaults("write a part", () => copyTo(handle, stagedPath, offset)),
    async discard() {
      await writing.stop();
      await handle.close().catch(() => {});
      if (!isKept) await rm(path, { force: true }).catch(() => {});
    },
  };
}

async function copyTo(source: FileHandle, stagedPath: string, offset: number): Promise<void> {
  const staged = await openStagedFile(stagedPath);
  try {
    const { size } = await source.stat();
    const buffer = readMemory(Math.min(COPY_BYTES, size));
    for (let position = 0; position < size;) {
      const { bytesRead } = await source.read(buffer, 0, buffer.length, position);
      if (bytesRead === 0) throw new Error("an upload's file ended early");
      await writeChunks(staged, [buffer.subarray(0, bytesRead)], offset + position);
      position += bytesRead;
    }
    await staged.datasync();
    await syncFolder(dirname(stagedPath));
  } finally {
    await staged.close();
  }
}
