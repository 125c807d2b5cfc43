import { type Hash, createHash } from "node:crypto";

import type { Hashes } from "../blob-store.js";
import type { HashLane, HashLanes } from "./hash-lanes.js";

/** Up to this much is hashed as it comes: handing it to a thread would take longer. */
const SMALL_BYTES = 1 << 20;
/** Bytes hashed at a step; between steps other files have their turn. */
const STEP_BYTES = 8 << 20;
/** How far writing may run ahead, so that what is hashed is still in memory. */
const MAX_AHEAD_BYTES = 64 << 20;

/** Where bytes are written, one after the other. */
export interface WrittenStretch {
  readonly path: string;
  readonly offset: number;
  readonly withMd5: boolean;
}

/** Hashes of bytes that are being written to a file. */
export interface WrittenHashes {
  /** The chunks have been written behind those before. Resolves when there may be more; throws what the system throws. */
  wrote(chunks: readonly Uint8Array[]): Promise<void>;
  /** Hashes of all of it. Throws what the system throws. */
  finish(): Promise<Hashes>;
  /** To be called in the end, whatever happens. */
  drop(): void;
}

/**
 * Hashes what is written: little of it here, much of it in a thread that reads it back, out of memory as a rule. So large uploads
 * neither hold up other requests nor wait for each other, and what is hashed is what the file has.
 */
export function hashWritten(stretch: WrittenStretch, lanes: HashLanes): WrittenHashes {
  const inline = createHashes(stretch.withMd5);
  let written = 0;
  let threaded: ThreadedHash | undefined;
  return {
    async wrote(chunks) {
      for (const chunk of chunks) written += chunk.length;
      if (threaded === undefined && written <= SMALL_BYTES) return inline.update(chunks);
      threaded ??= hashInThread(stretch, lanes.enter());
      return threaded.advance(written);
    },
    finish: async () => threaded?.finish() ?? inline.finish(),
    drop: () => threaded?.drop(),
  };
}

function createHashes(withMd5: boolean) {
  const sha256 = createHash("sha256");
  const md5: Hash | undefined = withMd5 ? createHash("md5") : undefined;
  return {
    update(chunks: readonly Uint8Array[]) {
      for (const chunk of chunks) {
        sha256.update(chunk);
        md5?.update(chunk);
      }
    },
    finish: (): Hashes => ({ sha256: sha256.digest("hex"), md5: md5?.digest("hex") ?? null }),
  };
}

interface ThreadedHash {
  advance(written: number): Promise<void>;
  finish(): Promise<Hashes>;
  drop(): void;
}

function hashInThread({ path, offset, withMd5 }: WrittenStretch, lane: HashLane): ThreadedHash {
  const { worker } = lane;
  const id = lane.nextId();
  const at = { written: 0, hashed: 0, isDropped: false };
  let catchingUp: Promise<void> | undefined;
  const step = async () => {
    const length = Math.min(STEP_BYTES, at.written - at.hashed);
    const bytes = await worker.update(id, { path, offset: offset + at.hashed, length, withMd5 });
    if (bytes !== length) throw new Error("a file is shorter than what was written to it");
    at.hashed += bytes;
  };
  const catchUp = async () => {
    while (at.hashed < at.written && !at.isDropped) await step();
    catchingUp = undefined;
  };
  return {
    async advance(written) {
      at.written = written;
      catchingUp ??= catchUp();
      // Noticed by whoever waits for it, now or in the end.
      catchingUp.catch(() => {});
      if (at.written - at.hashed > MAX_AHEAD_BYTES) await catchingUp;
    },
    async finish() {
      await catchingUp;
      await catchUp();
      return worker.digest(id);
    },
    drop() {
      if (at.isDropped) return;
      at.isDropped = true;
      worker.drop(id);
      lane.leave();
    },
  };
}
