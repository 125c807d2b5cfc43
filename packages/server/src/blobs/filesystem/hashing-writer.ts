import type { FileHandle } from "node:fs/promises";

import type { SumName, Sums } from "../byte-sink.js";
import type { HashLane, HashLanes } from "./hash-lanes.js";
import { startSums } from "./running-sums.js";
import { writeChunks } from "./write-chunks.js";

/** Fewer bytes are written and hashed in this thread: handing them over would take longer. */
const SMALL_BYTES = 1 << 20;

/** Where in a file bytes are written, one after the other. */
export interface WrittenRange {
  /** Open for writing, and readable by its path, until {@link HashingWriter.stop} resolves. */
  readonly handle: FileHandle;
  readonly path: string;
  readonly offset: number;
  readonly sums: readonly SumName[];
}

/** Writes a range of a file and hashes what it writes. One call at a time. */
export interface HashingWriter {
  /**
   * Appends all chunks to the range. Takes over their memory where it can: those chunks are empty
   * afterwards. Throws the system's error.
   */
  write(chunks: readonly Uint8Array[]): Promise<void>;
  /** Returns the sums of everything written. Throws the system's error. */
  finish(): Promise<Sums>;
  /** Resolves once no write is in progress. Always call it, before the file is closed. */
  stop(): Promise<void>;
}

/**
 * Creates a writer that handles small amounts in this thread and hands large ones to a hash thread,
 * where each chunk is hashed while it is still in the processor's cache. So large uploads neither
 * hold up other requests nor wait for each other, and nothing is read back.
 */
export function createHashingWriter(range: WrittenRange, lanes: HashLanes): HashingWriter {
  const inline = writeHere(range);
  let written = 0;
  let threaded: ThreadedWriter | undefined;
  return {
    async write(chunks) {
      const position = written;
      for (const chunk of chunks) written += chunk.length;
      if (threaded === undefined && written < SMALL_BYTES) return inline.write(chunks);
      if (threaded === undefined) {
        threaded = writeInThread(range, lanes.enter());
        if (position > 0) await threaded.catchUp(position);
      }
      return threaded.write(chunks);
    },
    finish: async () => threaded?.finish() ?? inline.finish(),
    stop: async () => threaded?.stop(),
  };
}

function writeHere({ handle, offset, sums }: WrittenRange) {
  const running = startSums(sums);
  let position = offset;
  return {
    async write(chunks: readonly Uint8Array[]) {
      position = await writeChunks(handle, chunks, position);
      for (const chunk of chunks) running.update(chunk);
    },
    finish: () => running.finish(),
  };
}

interface ThreadedWriter {
  /** Hashes bytes at the front of the range that are in the file already. */
  catchUp(bytes: number): Promise<void>;
  write(chunks: readonly Uint8Array[]): Promise<void>;
  finish(): Promise<Sums>;
  stop(): Promise<void>;
}

function writeInThread(range: WrittenRange, lane: HashLane): ThreadedWriter {
  const { thread } = lane;
  const { path, offset, sums, handle } = range;
  const id = lane.nextId();
  let position = offset;
  let isStopped = false;
  /** Never rejects. */
  let writing: Promise<unknown> = Promise.resolve();
  return {
    async catchUp(length) {
      const bytes = await thread.update(id, { path, offset, length, sums });
      if (bytes !== length) throw new Error("a file is shorter than what was written to it");
      position += length;
    },
    async write(chunks) {
      const wrote = thread.write(id, { fd: handle.fd, position, sums }, chunks);
      writing = wrote.catch(() => {});
      position += await wrote;
    },
    finish: () => thread.finish(id),
    async stop() {
      if (isStopped) return;
      isStopped = true;
      await writing;
      thread.drop(id);
      lane.leave();
    },
  };
}
