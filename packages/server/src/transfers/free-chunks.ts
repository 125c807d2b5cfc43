import { MessageChannel } from "node:worker_threads";

/** Smaller chunks may lie in memory that Node shares out, and are not worth it. */
const MIN_BYTES = 16 * 1024;

// What is transferred to a closed port is gone at once; a port has no other use here.
const { port1: drain, port2: far } = new MessageChannel();
far.close();
drain.close();

/**
 * Gives the memory of received chunks back at once; they are empty afterwards. Left to the garbage collector, which sees the small
 * objects and not the large memory behind them, it stays longer, and passes over the whole heap are made to find it.
 */
export function freeChunks(chunks: readonly Buffer[]): void {
  const memory: ArrayBuffer[] = [];
  for (const { buffer, length } of chunks) {
    const isWhole = length === buffer.byteLength && length >= MIN_BYTES;
    if (isWhole && buffer instanceof ArrayBuffer) memory.push(buffer);
  }
  if (memory.length > 0) drain.postMessage(undefined, memory);
}
