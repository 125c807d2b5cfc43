import { createHash, type Hash } from "node:crypto";
import { readSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";

import { readMemory } from "../platform/read-memory.js";
import type { ByteRange } from "../transfer/byte-range.js";

/** What {@link createHashThread} asks of this thread. Hashes are told apart by `id`. */
export type HashCommand =
  | { readonly id: number; readonly kind: "update"; readonly range: ByteRange }
  | { readonly id: number; readonly kind: "digest" }
  /** Forgets a hash. The only command that gets no result. */
  | { readonly id: number; readonly kind: "drop" };

/** The result of one command. */
export interface HashResult {
  readonly id: number;
  /** Lower-case hex, of a `digest`. */
  readonly hex?: string;
  /** The file ends within the range. */
  readonly isShort?: true;
  readonly error?: Error;
}

/** Small enough to stay in the cache of the core that hashes it. */
const BUFFER_BYTES = 256 * 1024;

const fd: number = workerData;
const buffer = readMemory(BUFFER_BYTES);
const hashes = new Map<number, Hash>();

function run(command: Exclude<HashCommand, { kind: "drop" }>): HashResult {
  const { id } = command;
  const hash = hashes.get(id) ?? createHash("sha256");
  if (command.kind === "digest") {
    hashes.delete(id);
    return { id, hex: hash.digest("hex") };
  }
  hashes.set(id, hash);
  return update(hash, command.range) ? { id } : { id, isShort: true };
}

/** Reads synchronously: the fastest way, and it blocks only this thread. */
function update(hash: Hash, { offset, length }: ByteRange): boolean {
  for (let done = 0; done < length;) {
    const read = readSync(fd, buffer, 0, Math.min(BUFFER_BYTES, length - done), offset + done);
    if (read === 0) return false;
    hash.update(buffer.subarray(0, read));
    done += read;
  }
  return true;
}

parentPort?.on("message", (command: HashCommand) => {
  if (command.kind === "drop") {
    hashes.delete(command.id);
    return;
  }
  let result: HashResult;
  try {
    result = run(command);
  } catch (error) {
    result = { id: command.id, error: error instanceof Error ? error : new Error(String(error)) };
  }
  parentPort?.postMessage(result, []);
});
