import type { ByteSink } from "./byte-sink.js";
import { createSha256, type Sha256 } from "./sha256.js";
import { createWatchedPosition, type WatchedPosition } from "./watched-position.js";

/** Bytes read back at a time. */
const READ_BYTES = 1024 * 1024;

/**
 * The SHA-256 of a file whose parts arrive out of order. It follows the contiguous front: what arrives at the front is
 * hashed as it comes, what arrives ahead of it waits, in the sink if that can be read, else in memory.
 */
export interface HashFront {
  /** `bytes` arrived at `offset` and were written; each byte arrives once. They may be reused afterwards. */
  arrived(offset: number, bytes: Uint8Array): void;
  /** Resolves once all bytes before `offset` are hashed. */
  reached(offset: number): Promise<void>;
  /** The hash of everything before the front, as lower-case hex. */
  digestHex(): string;
}

/** A contiguous stretch that arrived ahead of the front. */
interface Waiting {
  readonly start: number;
  end: number;
  /** Empty with a sink that can be read. */
  readonly chunks: Uint8Array[];
}

interface Front {
  readonly sink: ByteSink;
  readonly hash: Sha256;
  readonly position: WatchedPosition;
  readonly waiting: Set<Waiting>;
}

/** `onHashed` learns how many bytes are hashed so far. */
export function createHashFront(sink: ByteSink, onHashed: (bytes: number) => void): HashFront {
  const hash = createSha256();
  const position = createWatchedPosition();
  const front = { sink, hash, position, waiting: new Set<Waiting>() };
  let isCatchingUp = false;
  const catchUp = async () => {
    isCatchingUp = true;
    for (let next = atFront(front); next !== undefined; next = atFront(front)) {
      await hashWaiting(front, next, onHashed);
    }
    isCatchingUp = false;
  };
  return {
    arrived(offset, bytes) {
      position.throwIfFailed();
      if (offset === position.value && !isCatchingUp) {
        hash.update(bytes);
        position.moveTo(offset + bytes.byteLength);
        onHashed(position.value);
      } else {
        wait(front, offset, bytes);
      }
      if (!isCatchingUp && atFront(front) !== undefined) catchUp().catch(position.fail);
    },
    reached: position.reached,
    digestHex: hash.digestHex,
  };
}

function atFront({ waiting, position }: Front): Waiting | undefined {
  return [...waiting].find(({ start }) => start === position.value);
}

function wait({ waiting, sink }: Front, offset: number, bytes: Uint8Array): void {
  const chunks = sink.read === undefined ? [bytes.slice()] : [];
  const before = [...waiting].find(({ end }) => end === offset);
  if (before === undefined) {
    waiting.add({ start: offset, end: offset + bytes.byteLength, chunks });
    return;
  }
  before.end += bytes.byteLength;
  before.chunks.push(...chunks);
}

/** The stretch may grow at its end meanwhile; it is removed in the same turn in which it is found exhausted. */
async function hashWaiting(
  { sink, hash, position, waiting }: Front,
  stretch: Waiting,
  onHashed: (bytes: number) => void,
): Promise<void> {
  while (position.value < stretch.end) {
    const length = Math.min(READ_BYTES, stretch.end - position.value);
    const bytes = (await sink.read?.(position.value, length)) ?? stretch.chunks.shift();
    if (bytes === undefined) break;
    hash.update(bytes);
    position.moveTo(position.value + bytes.byteLength);
    onHashed(position.value);
  }
  waiting.delete(stretch);
}
