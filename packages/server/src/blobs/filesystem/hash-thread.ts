import { Worker } from "node:worker_threads";

import type { SumName, Sums } from "../byte-sink.js";
import type { HashCommand, HashReply } from "./hash-messages.js";

/** A range of a file. */
export interface FileRange {
  readonly path: string;
  readonly offset: number;
  readonly length: number;
  /** What to compute. The first range of an id decides. */
  readonly sums: readonly SumName[];
}

/** Where in an open file to write. */
export interface WritePlace {
  readonly fd: number;
  readonly position: number;
  /** As in {@link FileRange}. */
  readonly sums: readonly SumName[];
}

/** Running sums in a thread of their own, identified by a number. One call at a time for each. */
export interface HashThread {
  /** False once the thread has ended; all calls reject then. */
  readonly isAlive: () => boolean;
  /**
   * Adds a range of a file. Returns the number of bytes read, fewer than requested only at the end
   * of the file. Throws the system's error.
   */
  update(id: number, range: FileRange): Promise<number>;
  /**
   * Writes chunks one after the other, adds them, and returns their total length. Chunks that own
   * their memory are empty afterwards. The file must stay open until this settles. Throws the
   * system's error.
   */
  write(id: number, place: WritePlace, chunks: readonly Uint8Array[]): Promise<number>;
  /** Ends sums to which at least one range was added, and returns them. */
  finish(id: number): Promise<Sums>;
  /** Forgets sums. */
  drop(id: number): void;
  /** Ends the thread; pending calls reject. */
  close(): void;
}

/** Starts a thread that hashes. */
export function startHashThread(): HashThread {
  // Flags of this process, such as --input-type, do not concern the program.
  const worker = new Worker(programUrl(), { execArgv: [] });
  const { ask, isAlive } = createAsker(worker);
  return {
    isAlive,
    update: async (id, range) => bytesOf(await ask({ kind: "read", id, ...range })),
    async write(id, place, chunks) {
      const memory = chunks.map((chunk) => memoryOf(chunk));
      return bytesOf(await ask({ kind: "write", id, ...place, memory }, memory));
    },
    async finish(id) {
      const reply = await ask({ kind: "finish", id });
      if ("sums" in reply) return reply.sums;
      throw new Error("the hash thread returned no sums");
    },
    drop: (id) => worker.postMessage({ kind: "drop", id } satisfies HashCommand, []),
    close: () => void worker.terminate(),
  };
}

/**
 * The compiled program beside this file. Tests run this file from its TypeScript source; threads
 * are not transformed as the tests are, so those use the program of the last build.
 */
function programUrl(): URL {
  const program = new URL("./hash.worker.js", import.meta.url);
  if (!import.meta.url.endsWith(".ts")) return program;
  return new URL(program.href.replace(/\/src\/(?=blobs\/filesystem\/)/, "/dist/"));
}

/** Memory that holds these bytes and no others, to be transferred to the thread. */
function memoryOf(chunk: Uint8Array): ArrayBuffer {
  const { buffer, byteLength } = chunk;
  const isWhole = buffer instanceof ArrayBuffer && buffer.byteLength === byteLength;
  return isWhole ? buffer : new Uint8Array(chunk).buffer;
}

function bytesOf(reply: HashReply): number {
  if ("bytes" in reply) return reply.bytes;
  throw new Error("the hash thread did not say how many bytes it hashed");
}

interface Waiting {
  readonly resolve: (reply: HashReply) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Sends commands and awaits their replies. A thread nobody waits for does not keep the process
 * alive.
 */
function createAsker(worker: Worker) {
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
  worker.on("message", (reply: HashReply) => settle(reply.id)?.resolve(reply));
  worker.on("error", end);
  worker.on("exit", () => end(new Error("the hash thread has ended")));
  const ask = async (
    command: HashCommand,
    memory: readonly ArrayBuffer[] = [],
  ): Promise<HashReply> => {
    if (ended !== undefined) throw ended;
    const reply = await new Promise<HashReply>((resolve, reject) => {
      waiting.set(command.id, { resolve, reject });
      worker.ref();
      worker.postMessage(command, memory);
    });
    if (!("error" in reply)) return reply;
    const { message, code } = reply.error;
    throw Object.assign(new Error(message), { code });
  };
  return { ask, isAlive: () => ended === undefined };
}
