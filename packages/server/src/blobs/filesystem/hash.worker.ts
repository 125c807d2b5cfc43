/**
 * The program of a hash thread. Reads and writes are synchronous: in a thread of its own that is
 * the fastest way and blocks nobody.
 */
import { closeSync, openSync, readSync, writeSync } from "node:fs";
import { parentPort } from "node:worker_threads";

import type { SumName } from "../byte-sink.js";
import { freeMemory } from "../free-memory.js";
import { readMemory } from "../read-memory.js";
import type { HashCommand, HashReply, ReadCommand, WriteCommand } from "./hash-messages.js";
import { type RunningSums, startSums } from "./running-sums.js";
import { codeOf } from "./error-code.js";

const READ_BYTES = 1 << 20;

/**
 * Bytes per write. Linux caches a write in contiguous memory if it finds some, and the large free
 * blocks of a virtual machine are often those it has given back to its host: claiming them again
 * can make writes of 1 MiB up to eight times as slow.
 */
const WRITE_BYTES = 64 * 1024;

const buffer = readMemory(READ_BYTES);
const running = new Map<number, RunningSums>();

function begin(id: number, names: readonly SumName[]): RunningSums {
  const sums = startSums(names);
  running.set(id, sums);
  return sums;
}

/** Returns the number of bytes read, fewer than requested only at the end of the file. */
function read({ path, offset, length }: ReadCommand, sums: RunningSums): number {
  const file = openSync(path, "r");
  try {
    for (let done = 0; done < length;) {
      const wanted = Math.min(buffer.length, length - done);
      const bytesRead = readSync(file, buffer, 0, wanted, offset + done);
      if (bytesRead === 0) return done;
      sums.update(buffer.subarray(0, bytesRead));
      done += bytesRead;
    }
    return length;
  } finally {
    closeSync(file);
  }
}

function write({ fd, position, memory }: WriteCommand, sums: RunningSums): number {
  let written = 0;
  for (const block of memory) {
    for (let start = 0; start < block.byteLength; start += WRITE_BYTES) {
      const length = Math.min(WRITE_BYTES, block.byteLength - start);
      const chunk = new Uint8Array(block, start, length);
      writeAll(fd, chunk, position + written);
      sums.update(chunk);
      written += length;
    }
  }
  freeMemory(memory);
  return written;
}

function writeAll(fd: number, chunk: Uint8Array, position: number): void {
  for (let done = 0; done < chunk.length;) {
    done += writeSync(fd, chunk, done, chunk.length - done, position + done);
  }
}

function run(command: HashCommand): HashReply | undefined {
  const { id } = command;
  if (command.kind === "drop") {
    running.delete(id);
    return undefined;
  }
  if (command.kind === "finish") {
    const sums = running.get(id);
    running.delete(id);
    if (sums === undefined) throw new Error("nothing was hashed under this number");
    return { id, sums: sums.finish() };
  }
  const sums = running.get(id) ?? begin(id, command.sums);
  return { id, bytes: command.kind === "read" ? read(command, sums) : write(command, sums) };
}

function replyTo(command: HashCommand): HashReply | undefined {
  try {
    return run(command);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { id: command.id, error: { message, code: codeOf(error) } };
  }
}

parentPort?.on("message", (command: HashCommand) => {
  const reply = replyTo(command);
  if (reply !== undefined) parentPort?.postMessage(reply, []);
});
