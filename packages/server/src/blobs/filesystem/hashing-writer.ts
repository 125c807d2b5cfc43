import type { FileHandle } from "node:fs/promises";

import type { SumName, Sums } from "../blob-store.js";
import type { HashLane, HashLanes } from "./hash-lanes.js";
import { startSums } from "./running-sums.js";
import { writeChunks } from "./write-chunks.js";

/** Less than this is written and hashed without a thread of its own: handing it over would take longer. */
const SMALL_BYTES = 1 << 20;

/** Where bytes are written, one after the other. */
export interface WrittenStretch {
  /** Open for writing, and for reading by its path, until {@link HashingWriter.stop} has resolved. */
  readonly handle: FileHandle;
  readonly path: string;
  readonly offset: number;
  readonly sums: readonly SumName[];
}

/** Writes a stretch of a file, and sums what it writes. One call at a time. */
export interface HashingWriter {
  /** Writes all of the chunks behind those before; takes their memory if it can, they are empty then. Throws what the system throws. */
  write(chunks: readonly Uint8Array[]): Promise<void>;
  /** Sums of all that was written. Throws what the system throws. */
  finish(): Promise<Sums>;
  /** Resolves once nothing is written any more. To be called in the end, whatever happens, before the file is closed. */
  stop(): Promise<void>;
}

/**
 * A writer that does little at once, and much in a thread, where each piece is hashed while it is still in the processor's memory. So
 * large uploads neither hold up other requests nor wait for each other, and nothing is read back.
 */
export function createHashingWriter(stretch: WrittenStretch, lanes: HashLanes): HashingWriter {
  const inline = writeHere(stretch);
  let written = 0;
  let threaded: ThreadedWriter | undefined;
  return {
    async write(chunks) {
      const position = written;
      for (const chunk of chunks) written += chunk.length;
      if (threaded === undefined && written < SMALL_BYTES) return inline.write(chunks);
      if (threaded === undefined) {
        threaded = writeInThread(stretch, lanes.enter());
        if (position > 0) await threaded.catchUp(position);
      }
      return threaded.write(chunks);
    },
    finish: async () => threaded?.finish() ?? inline.finish(),
    stop: async () => threaded?.stop(),
  };
}

function writeHere({ handle, offset, sums }: WrittenStretch) {
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
  /** Hashes so many bytes that are in the file already. */
  catchUp(bytes: number): Promise<void>;
  write(chunks: readonly Uint8Array[]): Promise<void>;
  finish(): Promise<Sums>;
  stop(): Promise<void>;
}

function writeInThread(stretch: WrittenStretch, lane: HashLane): ThreadedWriter {
  const { worker } = lane;
  const { path, offset, sums, handle } = stretch;
  const id = lane.nextId();
  let position = offset;
  let isStopped = false;
  /** Never rejects. */
  let writing: Promise<unknown> = Promise.resolve();
  return {
    async catchUp(length) {
      const bytes = await worker.update(id, { path, offset, length, sums });
      if (bytes !== length) throw new Error("a file is shorter than what was written to it");
      position += length;
    },
    async write(chunks) {
      const wrote = worker.write(id, { fd: handle.fd, position, sums }, chunks);
      writing = wrote.catch(() => {});
      position += await wrote;
    },
    finish: () => worker.finish(id),
    async stop() {
      if (isStopped) return;
      isStopped = true;
      await writing;
      worker.drop(id);
      lane.leave();
    },
  };
}
