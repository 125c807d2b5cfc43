import type { ByteRange } from "../transfer/byte-range.js";
import type { HashCommand, HashResult } from "./hash-file.worker.js";
import { startThread } from "./start-thread.js";

/** Hashes ranges of one open file in a thread. Several hashes take turns. */
export interface HashThread {
  /** Resolves once the thread runs, with false if it fails to start. */
  readonly started: Promise<boolean>;
  /** Starts a SHA-256. */
  readonly begin: () => ThreadHash;
  /** Stops the thread. Unfinished work rejects; nothing is read any more once this resolves. */
  readonly close: () => Promise<void>;
}

/** One running SHA-256. Its methods reject with the system's error, or when the thread ends. */
export interface ThreadHash {
  /** Adds a range. Resolves with false when the file ends within it. */
  readonly update: (range: ByteRange) => Promise<boolean>;
  /** Lower-case hex. Ends the hash. */
  readonly digestHex: () => Promise<string>;
  /** Frees an unfinished hash. */
  readonly drop: () => void;
}

interface Waiting {
  readonly resolve: (result: HashResult) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Starts a thread that hashes the file open as `fd`, which has to stay open until
 * {@link HashThread.close} resolves. Returns undefined where no thread can be had.
 */
export function createHashThread(fd: number): HashThread | undefined {
  const worker = startThread("hash-file", fd);
  if (worker === undefined) return undefined;
  const waiting = new Map<number, Waiting>();
  let failure: { readonly error: unknown } | undefined;
  let lastId = 0;
  const settle = (id: number): Waiting | undefined => {
    const found = waiting.get(id);
    waiting.delete(id);
    // An idle thread does not keep the process alive.
    if (waiting.size === 0) worker.unref();
    return found;
  };
  const fail = (error: unknown) => {
    failure ??= { error };
    for (const id of waiting.keys()) settle(id)?.reject(failure.error);
  };
  worker.on("message", (result: HashResult) => settle(result.id)?.resolve(result));
  worker.on("error", fail);
  worker.on("exit", () => fail(new Error("the thread that hashes has ended")));
  const started = new Promise<boolean>((resolve) => {
    worker.once("online", () => {
      if (waiting.size === 0) worker.unref();
      resolve(true);
    });
    worker.once("exit", () => resolve(false));
  });
  const post = (command: HashCommand) => worker.postMessage(command, []);
  const run = async (command: HashCommand): Promise<HashResult> => {
    const result = await new Promise<HashResult>((resolve, reject) => {
      if (failure !== undefined) return reject(failure.error);
      waiting.set(command.id, { resolve, reject });
      worker.ref();
      return post(command);
    });
    if (result.error !== undefined) throw result.error;
    return result;
  };
  return {
    started,
    begin() {
      const id = ++lastId;
      return {
        update: async (range) => (await run({ id, kind: "update", range })).isShort !== true,
        digestHex: async () => (await run({ id, kind: "digest" })).hex ?? "",
        drop: () => post({ id, kind: "drop" }),
      };
    },
    close: async () => void (await worker.terminate()),
  };
}
