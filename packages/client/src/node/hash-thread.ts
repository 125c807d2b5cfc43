import { INTO_PAGE_BYTES } from "../read-memory.js";
import { onFile } from "./file-error.js";
import { startThread } from "./start-thread.js";
import type { ByteRange } from "../transfer/byte-range.js";

/** Bytes hashed at a step; between steps an abort is noticed and another range has its turn. */
const STEP_BYTES = 16 * 1024 * 1024;

/** Reads block in a thread of its own, which is the fastest way and holds up nobody. */
const HASH_THREAD = `
  const { createHash } = require("node:crypto");
  const { readSync } = require("node:fs");
  const { parentPort, workerData: { fd, bufferBytes } } = require("node:worker_threads");
  const buffer = Buffer.allocUnsafeSlow(${INTO_PAGE_BYTES} + bufferBytes).subarray(${INTO_PAGE_BYTES});
  const hashes = new Map();
  function step({ id, offset, length, isLast }) {
    const hash = hashes.get(id) ?? createHash("sha256");
    hashes.set(id, hash);
    for (let done = 0; done < length; ) {
      const read = readSync(fd, buffer, 0, Math.min(buffer.length, length - done), offset + done);
      if (read === 0) return { id, isShort: true };
      hash.update(buffer.subarray(0, read));
      done += read;
    }
    if (!isLast) return { id };
    hashes.delete(id);
    return { id, hex: hash.digest("hex") };
  }
  parentPort.on("message", (command) => {
    if (command.isDropped) return hashes.delete(command.id);
    try {
      parentPort.postMessage(step(command));
    } catch (error) {
      parentPort.postMessage({ id: command.id, error });
    }
  });
`;

/** Small enough to stay in the cache of the core that hashes it. */
const BUFFER_BYTES = 256 * 1024;

/** Hashes ranges of one open file in a thread of its own, several by turns. */
export interface HashThread {
  /**
   * Lower-case hex SHA-256 of a range that is not empty; undefined when the file ends within it.
   *
   * @throws LibraryError `file-not-readable`; the signal's reason; what `onHashed` throws.
   */
  sha256(
    range: ByteRange,
    signal: AbortSignal | undefined,
    onHashed: (bytes: number) => void,
  ): Promise<string | undefined>;
  /** Ends the thread; what it has not finished rejects. */
  close(): Promise<void>;
}

interface Answer {
  readonly id: number;
  readonly hex?: string;
  readonly isShort?: true;
  readonly error?: Error;
}

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A thread that hashes the file of this descriptor, which errors call `path`, which stays open until {@link HashThread.close} has
 * resolved. Undefined where there is no thread to be had.
 */
export function createHashThread(path: string, fd: number): HashThread | undefined {
  const worker = startThread(HASH_THREAD, { fd, bufferBytes: BUFFER_BYTES });
  if (worker === undefined) return undefined;
  const waiting = new Map<number, Waiting>();
  // To a thread there is no origin to name.
  const send = worker.postMessage.bind(worker);
  let lastId = 0;
  // An idle thread does not keep the process alive.
  worker.unref();
  const settle = (id: number): Waiting | undefined => {
    const found = waiting.get(id);
    waiting.delete(id);
    if (waiting.size === 0) worker.unref();
    return found;
  };
  const fail = (error: Error) => {
    for (const id of waiting.keys()) settle(id)?.reject(error);
  };
  worker.on("message", (answer: Answer) => settle(answer.id)?.resolve(answer));
  worker.on("error", fail);
  worker.on("exit", () => fail(new Error("the thread that hashes a file has ended")));
  const ask = (id: number, step: object) =>
    new Promise<Answer>((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      worker.ref();
      send({ id, ...step });
    });
  const hashStep = (id: number, step: object) =>
    onFile("file-not-readable", path, async () => {
      const answer = await ask(id, step);
      if (answer.error !== undefined) throw answer.error;
      return answer;
    });
  return {
    async sha256({ offset, length }, signal, onHashed) {
      const id = ++lastId;
      for (let done = 0; ;) {
        const step = Math.min(STEP_BYTES, length - done);
        const isLast = done + step === length;
        const answer = await hashStep(id, { offset: offset + done, length: step, isLast });
        if (signal?.aborted === true) send({ id, isDropped: true });
        signal?.throwIfAborted();
        if (answer.isShort === true) return undefined;
        done += step;
        onHashed(done);
        if (answer.hex !== undefined) return answer.hex;
      }
    },
    close: async () => void (await worker.terminate()),
  };
}
