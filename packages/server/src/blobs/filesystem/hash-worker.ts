import { Worker } from "node:worker_threads";

import type { SumName, Sums } from "../blob-store.js";
import { INTO_PAGE_BYTES } from "../read-memory.js";

/**
 * Runs in a thread of its own. Kept as text so that it needs no file of its own beside this one, wherever that ends up. Reads
 * and writes block there, which is the fastest way and holds up nobody.
 *
 * It writes at most 64 KiB at a time. Linux caches a write in contiguous memory if there is some, and large free pieces are what
 * virtual machines have given back to their host: taking them again can make writes of 1 MiB up to eight times as slow. What it has
 * written it transfers to a closed port, which gives the memory back at once.
 */
const HASH_WORKER = `
  const { createHash } = require("node:crypto");
  const { closeSync, openSync, readSync, writeSync } = require("node:fs");
  const { MessageChannel, parentPort } = require("node:worker_threads");
  const { crc32 } = require("node:zlib");
  const PIECE_BYTES = 64 * 1024;
  const buffer = Buffer.allocUnsafeSlow(${INTO_PAGE_BYTES} + (1 << 20)).subarray(${INTO_PAGE_BYTES});
  const { port1: drain, port2: far } = new MessageChannel();
  far.close();
  drain.close();
  const running = new Map();
  function startSum(name) {
    if (name !== "crc32") {
      const hash = createHash(name);
      return { update: (bytes) => hash.update(bytes), hex: () => hash.digest("hex") };
    }
    let value = 0;
    return { update: (bytes) => (value = crc32(bytes, value)), hex: () => value.toString(16).padStart(8, "0") };
  }
  function begin(id, names) {
    const begun = names.map((name) => [name, startSum(name)]);
    running.set(id, begun);
    return begun;
  }
  function update(sums, bytes) {
    for (const [, sum] of sums) sum.update(bytes);
  }
  function step({ path, offset, length }, sums) {
    const file = openSync(path, "r");
    try {
      for (let done = 0; done < length; ) {
        const read = readSync(file, buffer, 0, Math.min(buffer.length, length - done), offset + done);
        if (read === 0) return done;
        update(sums, buffer.subarray(0, read));
        done += read;
      }
      return length;
    } finally {
      closeSync(file);
    }
  }
  function writePiece(fd, piece, position) {
    for (let done = 0; done < piece.length; ) {
      done += writeSync(fd, piece, done, piece.length - done, position + done);
    }
  }
  function write({ fd, position, memory }, sums) {
    let bytes = 0;
    for (const block of memory) {
      for (let start = 0; start < block.byteLength; start += PIECE_BYTES) {
        const length = Math.min(PIECE_BYTES, block.byteLength - start);
        const piece = new Uint8Array(block, start, length);
        writePiece(fd, piece, position + bytes);
        update(sums, piece);
        bytes += length;
      }
    }
    drain.postMessage(undefined, memory);
    return bytes;
  }
  function answer({ id, isDropped, isEnd, sums: names, ...range }) {
    if (isDropped) return void running.delete(id);
    const sums = running.get(id) ?? begin(id, names);
    if (isEnd) {
      running.delete(id);
      return { id, sums: Object.fromEntries(sums.map(([name, sum]) => [name, sum.hex()])) };
    }
    const work = range.memory === undefined ? step : write;
    return { id, bytes: work(range, sums) };
  }
  parentPort.on("message", (command) => {
    try {
      const reply = answer(command);
      if (reply !== undefined) parentPort.postMessage(reply);
    } catch (error) {
      parentPort.postMessage({ id: command.id, error: { message: error.message, code: error.code } });
    }
  });
`;

/** A stretch of a file. */
export interface FileRange {
  readonly path: string;
  readonly offset: number;
  readonly length: number;
  /** What is computed; the first stretch decides. */
  readonly sums: readonly SumName[];
}

/** Where in an open file something is written. */
export interface WritePlace {
  readonly fd: number;
  readonly position: number;
  /** As in {@link FileRange}. */
  readonly sums: readonly SumName[];
}

/** Running sums, told apart by a number, in a thread of their own. One call at a time for each. */
export interface HashWorker {
  /** False once the thread has ended; all calls reject then. */
  readonly isAlive: () => boolean;
  /** Sums a stretch; answers how many bytes that were, fewer only at the end of the file. Throws what the system throws. */
  update(id: number, range: FileRange): Promise<number>;
  /**
   * Writes chunks, one behind the other, sums them, and answers how many bytes they had. Those that have memory to themselves are
   * empty afterwards. The file must stay open until this settles. Throws what the system throws.
   */
  write(id: number, place: WritePlace, chunks: readonly Uint8Array[]): Promise<number>;
  /** Ends sums of which there was at least one stretch. */
  finish(id: number): Promise<Sums>;
  /** Forgets sums. */
  drop(id: number): void;
  /** Ends the thread; what waits rejects. */
  close(): void;
}

interface Command extends Partial<FileRange>, Partial<WritePlace> {
  readonly id: number;
  readonly isEnd?: true;
  /** Is transferred. */
  readonly memory?: readonly ArrayBuffer[];
}

interface Answer {
  readonly id: number;
  readonly bytes?: number;
  readonly sums?: Sums;
  readonly error?: { readonly message: string; readonly code?: string };
}

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

/** Starts a thread for hashing. */
export function startHashWorker(): HashWorker {
  // Without the flags of this process, of which --input-type would change what kind of module the text is.
  const worker = new Worker(HASH_WORKER, { eval: true, execArgv: [] });
  const ask = asker(worker);
  return {
    isAlive: ask.isAlive,
    update: async (id, range) => (await ask.ask({ id, ...range })).bytes ?? 0,
    async write(id, place, chunks) {
      const memory = chunks.map((chunk) => memoryOf(chunk));
      return (await ask.ask({ id, ...place, memory })).bytes ?? 0;
    },
    async finish(id) {
      const { sums } = await ask.ask({ id, isEnd: true });
      if (sums === undefined) throw new Error("the thread that hashes files gave no hash");
      return sums;
    },
    drop: (id) => worker.postMessage({ id, isDropped: true }, []),
    close: () => void worker.terminate(),
  };
}

/** Memory with these bytes and no others, for the thread to have. */
function memoryOf(chunk: Uint8Array): ArrayBuffer {
  const { buffer, byteLength } = chunk;
  const isWhole = buffer instanceof ArrayBuffer && buffer.byteLength === byteLength;
  return isWhole ? buffer : new Uint8Array(chunk).buffer;
}

/** Sends commands and waits for their answers. A thread whose answers nobody waits for does not keep the process alive. */
function asker(worker: Worker) {
  const waiting = new Map<number, Waiting>();
  let ended: Error | undefined;
  worker.unref();
  const settle = (id: number): Waiting | undefined => {
    const found = waiting.get(id);
    waiting.delete(id);
    if (waiting.size === 0) worker.unref();
    return found;
  };
  const end = (error: Error) => {
    ended ??= error;
    for (const id of waiting.keys()) settle(id)?.reject(error);
  };
  worker.on("message", (answer: Answer) => settle(answer.id)?.resolve(answer));
  worker.on("error", end);
  worker.on("exit", () => end(new Error("the thread that hashes files has ended")));
  const ask = async (command: Command): Promise<Answer> => {
    if (ended !== undefined) throw ended;
    const answer = await new Promise<Answer>((resolve, reject) => {
      waiting.set(command.id, { resolve, reject });
      worker.ref();
      worker.postMessage(command, command.memory ?? []);
    });
    if (answer.error === undefined) return answer;
    const { message, code } = answer.error;
    throw Object.assign(new Error(message), { code });
  };
  return { ask, isAlive: () => ended === undefined };
}
