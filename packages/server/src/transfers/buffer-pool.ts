import { readMemory } from "../blobs/read-memory.js";

/** Memory of a given budget that is lent, and used again and again. */
export interface BufferPool {
  /** A buffer of so many bytes, with whatever was in it before. */
  readonly take: (sizeBytes: number) => Buffer;
  /** For the next who wants this size; nobody may read or write it any more. */
  readonly giveBack: (buffer: Buffer) => void;
}

/** How long memory that nobody wants is kept, in milliseconds. */
const KEEP_MS = 10_000;

/**
 * A pool that keeps at most so many bytes, and none once it has lain idle for ten seconds. Memory of replies left to the garbage
 * collector makes it pass over the heap for every few of them: a third of the processor time of a download in parts.
 */
export function createBufferPool(maxKeptBytes: number): BufferPool {
  const idle = new Map<number, Buffer[]>();
  let idleBytes = 0;
  let forgetting: NodeJS.Timeout | undefined;
  const forget = () => {
    idle.clear();
    idleBytes = 0;
  };
  return {
    take(sizeBytes) {
      const buffer = idle.get(sizeBytes)?.pop();
      if (buffer === undefined) return readMemory(sizeBytes);
      idleBytes -= sizeBytes;
      return buffer;
    },
    giveBack(buffer) {
      // What others wanted once is in the way of what is wanted now.
      if (idleBytes + buffer.length > maxKeptBytes) forget();
      const same = idle.get(buffer.length) ?? [];
      idle.set(buffer.length, same);
      same.push(buffer);
      idleBytes += buffer.length;
      forgetting ??= setTimeout(forget, KEEP_MS).unref();
      forgetting.refresh();
    },
  };
}
