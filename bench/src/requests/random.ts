/** Pseudo-random numbers that follow from a seed. */
export interface Random {
  /** Returns an integer from 0 to below `below`, which is at most 2^32. */
  below(below: number): number;
  /** Returns true with this probability. */
  chance(probability: number): boolean;
  /** Returns that many lower-case hex digits. */
  hex(digits: number): string;
  pick<T>(items: readonly T[]): T;
}

/** The generator mulberry32: fast, and good enough for test data. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const below = (limit: number) => Math.floor((next() / 2 ** 32) * limit);
  return {
    below,
    chance: (probability) => next() / 2 ** 32 < probability,
    hex(digits) {
      let text = "";
      while (text.length < digits) text += next().toString(16).padStart(8, "0");
      return text.slice(0, digits);
    },
    pick(items) {
      const item = items[below(items.length)];
      if (item === undefined) throw new RangeError("cannot pick from an empty list");
      return item;
    },
  };
}
