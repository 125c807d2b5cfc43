import { MessageChannel } from "node:worker_threads";

// What is transferred to a closed port is freed at once. The channel has no other use.
const { port1: drain, port2: far } = new MessageChannel();
far.close();
drain.close();

/**
 * Frees memory at once; buffers over it are empty afterwards. The garbage collector would take
 * longer, because it sees the small objects and not the memory behind them, and would scan the
 * whole heap to find them.
 */
export function freeMemory(memory: readonly ArrayBuffer[]): void {
  drain.postMessage(undefined, memory);
}
