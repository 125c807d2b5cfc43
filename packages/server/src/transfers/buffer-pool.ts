import { readMemory } from "../blobs/read-memory.js";

/** Lends memory within a budget, to be used again and again. */
export interface BufferPool {
  /** Returns a buffer of that size with unspecified content. */
  readonly take: (sizeBytes: number) => Buffer;
  /** Takes a buffer back; nobody may read or write it any more. */
  readonly giveBack: (buffer: Buffer) => void;
}

/** How long unused memory is kept, in milliseconds. */
const KEEP_MS = 10_000;

/**
 * Creates a pool that keeps at most `maxKeptBytes`, and nothing after ten idle seconds. If the
 * garbage collector had to free the memory of replies, it would scan the heap for every few of
 * them: a third of the processor time of a download in parts.
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
      // Sizes used earlier would take the room of those used now.
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
