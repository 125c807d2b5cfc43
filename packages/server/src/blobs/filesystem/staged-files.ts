import { constants, type FileHandle, open, rm } from "node:fs/promises";
import { dirname } from "node:path";

import type { ByteSink, SumName } from "../byte-sink.js";
import { readMemory } from "../read-memory.js";
import { renameDurably, syncFolder } from "./durable.js";
import type { Flusher } from "./flusher.js";
import type { HashLanes } from "./hash-lanes.js";
import { createHashingWriter } from "./hashing-writer.js";
import { withStagingFaults } from "./storage-fault.js";
import { writeChunks } from "./write-chunks.js";

const COPY_BYTES = 1 << 20;

/** What writes of staged files share. */
export interface StagingTools {
  readonly lanes: HashLanes;
  readonly flusher: Flusher;
}

/** A part that is written where it belongs in the staged file. */
export interface StagedPart extends ByteSink {
  /** Makes what was written durable. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** Where a part is written. */
export interface StagedPartPlace extends StagingTools {
  /** Path of the staged file. */
  readonly path: string;
  readonly offset: number;
  readonly sums: readonly SumName[];
}

/** Opens the staged file for writing at an offset; creates it (0600) in an existing folder. */
export async function openStagedPart(place: StagedPartPlace): Promise<StagedPart> {
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

/** A file that is written, hashed and flushed. */
interface Writing {
  readonly sink: ByteSink;
  /** Resolves once everything written is on disk. */
  sync(): Promise<void>;
  /** Resolves once no write is in progress. Call it before closing the file. */
  stop(): Promise<void>;
}

function beginWriting(handle: FileHandle, place: StagedPartPlace): Writing {
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

/**
 * Bytes in a file of their own, apart from the staged file until one of the first two calls. Always
 * {@link discard} it in the end.
 */
export interface StagedAttempt extends ByteSink {
  /** Replaces the staged file by these bytes, durably. */
  keepAsWhole(): Promise<void>;
  /** Copies the bytes into the staged file at `offset`, durably. */
  copyToPart(offset: number): Promise<void>;
  /** Deletes the bytes unless they were kept. Never throws: leftovers go with the staging. */
  discard(): Promise<void>;
}

/** Where an attempt is made. */
export interface StagedAttemptPlace extends StagingTools {
  readonly path: string;
  /** The staged file that the bytes may replace, or become a part of. */
  readonly stagedPath: string;
  readonly sums: readonly SumName[];
}

/** Creates a new file (0600) for bytes that may become the staged file or a part of it. */
export async function openStagedAttempt(place: StagedAttemptPlace): Promise<StagedAttempt> {
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
