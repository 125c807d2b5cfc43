import { Worker } from "node:worker_threads";

import type { Hashes } from "../blob-store.js";

/**
 * Runs in a thread of its own. Kept as text so that it needs no file of its own beside this one, wherever that ends up. Reads
 * block there, which is the fastest way and holds up nobody.
 */
const HASH_WORKER = `
  const { createHash } = require("node:crypto");
  const { closeSync, openSync, readSync } = require("node:fs");
  const { parentPort } = require("node:worker_threads");
  const buffer = Buffer.allocUnsafeSlow(1 << 20);
  const hashes = new Map();
  function begin(id, withMd5) {
    const begun = { sha256: createHash("sha256"), md5: withMd5 ? createHash("md5") : undefined };
    hashes.set(id, begun);
    return begun;
  }
  function step({ path, offset, length }, { sha256, md5 }) {
    const file = openSync(path, "r");
    try {
      for (let done = 0; done < length; ) {
        const read = readSync(file, buffer, 0, Math.min(buffer.length, length - done), offset + done);
        if (read === 0) return done;
        sha256.update(buffer.subarray(0, read));
        md5?.update(buffer.subarray(0, read));
        done += read;
      }
      return length;
    } finally {
      closeSync(file);
    }
  }
  function answer({ id, isDropped, isEnd, withMd5, ...range }) {
    if (isDropped) return void hashes.delete(id);
    const { sha256, md5 } = hashes.get(id) ?? begin(id, withMd5);
    if (isEnd) {
      hashes.delete(id);
      return { id, hashes: { sha256: sha256.digest("hex"), md5: md5?.digest("hex") ?? null } };
    }
    return { id, bytes: step(range, { sha256, md5 }) };
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
  /** Whether the MD5 is wanted too; the first stretch of a hash decides. Default false. */
  readonly withMd5?: boolean;
}

/** Running hashes, told apart by a number, in a thread of their own. One call at a time for each. */
export interface HashWorker {
  /** Hashes a stretch; answers how many bytes that were, fewer only at the end of the file. Throws what the system throws. */
  update(id: number, range: FileRange): Promise<number>;
  /** Ends a hash. */
  digest(id: number): Promise<Hashes>;
  /** Forgets a hash. */
  drop(id: number): void;
  /** Ends the thread; what waits rejects. */
  close(): void;
}

interface Command extends Partial<FileRange> {
  readonly id: number;
  readonly isEnd?: true;
}

interface Answer {
  readonly id: number;
  readonly bytes?: number;
  readonly hashes?: Hashes;
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
  const waiting = new Map<number, Waiting>();
  // To a thread there is no origin to name.
  const send = worker.postMessage.bind(worker);
  // A thread whose answers nobody waits for does not keep the process alive.
  worker.unref();
  const settle = (id: number): Waiting | undefined => {
    const found = waiting.get(id);
    waiting.delete(id);
    if (waiting.size === 0) worker.unref();
    return found;
  };
  const failAll = (error: Error) => {
    for (const id of waiting.keys()) settle(id)?.reject(error);
  };
  worker.on("message", (answer: Answer) => settle(answer.id)?.resolve(answer));
  worker.on("error", failAll);
  worker.on("exit", () => failAll(new Error("the thread that hashes files has ended")));
  const ask = async (command: Command): Promise<Answer> => {
    const answer = await new Promise<Answer>((resolve, reject) => {
      waiting.set(command.id, { resolve, reject });
      worker.ref();
      send(command);
    });
    if (answer.error === undefined) return answer;
    const { message, code } = answer.error;
    throw Object.assign(new Error(message), { code });
  };
  return {
    update: async (id, range) => (await ask({ id, ...range })).bytes ?? 0,
    async digest(id) {
      const { hashes } = await ask({ id, isEnd: true });
      if (hashes === undefined) throw new Error("the thread that hashes files gave no hash");
      return hashes;
    },
    drop: (id) => send({ id, isDropped: true }),
    close: () => void worker.terminate(),
  };
}
