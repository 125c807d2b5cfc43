import { INTO_PAGE_BYTES } from "../../platform/read-memory.js";
import { BLOCK_BYTES } from "./block-stream.js";

/** Two blocks of memory: one is filled while the other is taken. */
export interface BlockPair {
  /**
   * Where the next bytes go. Never empty unless {@link isFull}; must not be filled unless {@link
   * isFree}.
   */
  readonly room: () => Uint8Array;
  /**
   * `count` bytes arrived in `into`: either in the room, or elsewhere, and then they are copied, or
   * held while there is no room.
   */
  readonly filled: (into: Uint8Array, count: number) => void;
  /** Moves held bytes into the room, as many as fit. */
  readonly absorb: () => void;
  readonly isHolding: () => boolean;
  /** What was filled and not yet passed on. */
  readonly bytes: () => Uint8Array;
  readonly isFull: () => boolean;
  /** Whether the block to fill is not being taken. */
  readonly isFree: () => boolean;
  /** Whether the other block could be filled if this one were passed on. */
  readonly isOtherFree: () => boolean;
  /** Drops bytes at the front of what was filled. */
  readonly dropFront: (count: number) => void;
  /** Drops all but this many bytes. */
  readonly keepFront: (count: number) => void;
  /**
   * Passes what was filled to `take`, after everything passed before. Resolves once it is taken.
   */
  readonly give: (take: (bytes: Uint8Array) => Promise<void>) => Promise<void>;
  /** Settles once everything passed on is taken. */
  readonly taken: () => Promise<void>;
}

interface Block {
  readonly memory: Uint8Array;
  isTaken: boolean;
}

/** Shared, so that another thread can write it to a file without a copy. */
const newBlock = (): Block => ({
  memory: new Uint8Array(new SharedArrayBuffer(INTO_PAGE_BYTES + BLOCK_BYTES), INTO_PAGE_BYTES),
  isTaken: false,
});

/** Creates two empty blocks. */
export function createBlockPair(): BlockPair {
  let block = newBlock();
  let other = newBlock();
  let length = 0;
  let held: Uint8Array[] = [];
  let taken: Promise<void> = Promise.resolve();
  const bytes = () => block.memory.subarray(0, length);
  const room = () => block.memory.subarray(length);
  /** Returns how many of the bytes fit. */
  const put = (chunk: Uint8Array): number => {
    if (block.isTaken) return 0;
    const fits = Math.min(chunk.byteLength, BLOCK_BYTES - length);
    block.memory.set(chunk.subarray(0, fits), length);
    length += fits;
    return fits;
  };
  return {
    room,
    filled(into, count) {
      if (into.buffer === block.memory.buffer && into.byteOffset === INTO_PAGE_BYTES + length) {
        length += count;
        return;
      }
      const fits = held.length > 0 ? 0 : put(into.subarray(0, count));
      if (fits < count) held.push(into.slice(fits, count));
    },
    absorb() {
      const waiting = held;
      held = [];
      for (const chunk of waiting) {
        const fits = held.length > 0 ? 0 : put(chunk);
        if (fits < chunk.byteLength) held.push(chunk.subarray(fits));
      }
    },
    isHolding: () => held.length > 0,
    bytes,
    isFull: () => length === BLOCK_BYTES,
    isFree: () => !block.isTaken,
    isOtherFree: () => !other.isTaken,
    dropFront(count) {
      block.memory.copyWithin(0, count, length);
      length -= count;
    },
    keepFront: (count) => void (length = count),
    give(take) {
      const given = block;
      const filled = bytes();
      given.isTaken = true;
      [block, other] = [other, block];
      length = 0;
      taken = taken.then(() => take(filled)).then(() => void (given.isTaken = false));
      return taken;
    },
    taken: () => taken,
  };
}
