import type { ByteSink, SinkHash } from "../transfer/byte-sink.js";
import { createSha256 } from "./sha256.js";
import { createWatchedPosition, type WatchedPosition } from "./watched-position.js";

/** Bytes read back at a time. */
const READ_BYTES = 1024 * 1024;

/**
 * Most bytes that the sink hashes per call: enough to keep it busy, few enough for progress to
 * show.
 */
const SINK_HASH_BYTES = 32 * 1024 * 1024;

/**
 * The SHA-256 of a file whose parts arrive out of order. It follows the contiguous front. A sink
 * that can hash hashes everything. Otherwise, bytes that arrive at the front are hashed
 * immediately; bytes ahead of it wait in the sink if it can be read back, else in memory.
 */
export interface HashFront {
  /**
   * `bytes` arrived at `offset` and were written. Each byte arrives once. The memory may be reused
   * afterwards.
   */
  arrived(offset: number, bytes: Uint8Array): void;
  /** The sink, which can be read back, already has these bytes; they do not arrive. */
  present(offset: number, length: number): void;
  /** Resolves once all bytes before `offset` are hashed. */
  reached(offset: number): Promise<void>;
  /** The hash of everything before the front, as lower-case hex. */
  digestHex(): Promise<string>;
}

/** A contiguous range that arrived ahead of the front. */
interface Waiting {
  readonly start: number;
  end: number;
  /** Empty with a sink that can be read back. */
  readonly chunks: Uint8Array[];
}

interface Front {
  readonly position: WatchedPosition;
  /** By start and by end. */
  readonly byStart: Map<number, Waiting>;
  readonly byEnd: Map<number, Waiting>;
  readonly holdsBytes: boolean;
  /** Hashes the next bytes of a waiting range and returns their number, 0 when there are none. */
  readonly hashNext: (waiting: Waiting, offset: number) => Promise<number>;
}

/**
 * Starts a hash. `onHashed` receives the number of bytes hashed so far; `opening` is the sink's own
 * hash, and requires a sink that can be read back.
 */
export function createHashFront(
  sink: ByteSink,
  onHashed: (bytes: number) => void,
  opening?: Promise<SinkHash | undefined>,
): HashFront {
  const hash = createSha256();
  const hashHere = readBack(sink, hash.update);
  const front: Front = {
    position: createWatchedPosition(),
    byStart: new Map(),
    byEnd: new Map(),
    holdsBytes: sink.read === undefined,
    hashNext: opening === undefined ? hashHere : hashInSink(opening, hashHere),
  };
  const { position, byStart } = front;
  let isCatchingUp = false;
  const moveTo = (offset: number) => {
    position.moveTo(offset);
    onHashed(offset);
  };
  const catchUp = async () => {
    isCatchingUp = true;
    for (let next = byStart.get(position.value); next; next = byStart.get(position.value)) {
      await hashWaiting(front, next, moveTo);
    }
    isCatchingUp = false;
  };
  const follow = () => {
    if (!isCatchingUp && byStart.has(position.value)) catchUp().catch(position.fail);
  };
  return {
    arrived(offset, bytes) {
      position.throwIfFailed();
      if (opening === undefined && offset === position.value && !isCatchingUp) {
        hash.update(bytes);
        moveTo(offset + bytes.byteLength);
      } else {
        wait(front, { start: offset, end: offset + bytes.byteLength }, bytes);
      }
      follow();
    },
    present(offset, length) {
      wait(front, { start: offset, end: offset + length });
      follow();
    },
    reached: position.reached,
    digestHex: async () => (await opening)?.digestHex() ?? hash.digestHex(),
  };
}

function wait(
  { byStart, byEnd, holdsBytes }: Front,
  { start, end }: { readonly start: number; readonly end: number },
  bytes?: Uint8Array,
): void {
  if (start === end) return;
  const chunks = holdsBytes && bytes !== undefined ? [bytes.slice()] : [];
  const before = byEnd.get(start);
  if (before === undefined) {
    const waiting = { start, end, chunks };
    byStart.set(start, waiting);
    byEnd.set(end, waiting);
    return;
  }
  byEnd.delete(start);
  before.end = end;
  before.chunks.push(...chunks);
  byEnd.set(end, before);
}

/**
 * The range may grow at its end meanwhile. It is removed in the same turn in which it is found
 * exhausted.
 */
async function hashWaiting(
  { position, byStart, byEnd, hashNext }: Front,
  waiting: Waiting,
  moveTo: (offset: number) => void,
): Promise<void> {
  while (position.value < waiting.end) {
    const length = await hashNext(waiting, position.value);
    if (length === 0) break;
    moveTo(position.value + length);
  }
  byStart.delete(waiting.start);
  byEnd.delete(waiting.end);
}

function readBack(sink: ByteSink, update: (bytes: Uint8Array) => void): Front["hashNext"] {
  return async (waiting, offset) => {
    const length = Math.min(READ_BYTES, waiting.end - offset);
    const bytes = (await sink.read?.(offset, length)) ?? waiting.chunks.shift();
    if (bytes !== undefined) update(bytes);
    return bytes?.byteLength ?? 0;
  };
}

function hashInSink(
  opening: Promise<SinkHash | undefined>,
  hashHere: Front["hashNext"],
): Front["hashNext"] {
  return async (waiting, offset) => {
    const sinkHash = await opening;
    if (sinkHash === undefined) return hashHere(waiting, offset);
    const length = Math.min(SINK_HASH_BYTES, waiting.end - offset);
    await sinkHash.update(offset, length);
    return length;
  };
}
