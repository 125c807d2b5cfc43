/** Returns whole numbers below a bound, the same for the same seed. */
export type Random = (below: number) => number;

/**
 * Returns the random numbers for an input: Ettinger's mulberry32, seeded with seed, target and
 * index.
 */
export function randomOf(seed: number, target: string, index: number): Random {
  let state = seed;
  for (const part of [target, `${index}`]) {
    for (let at = 0; at < part.length; at += 1) {
      state = Math.imul(state ^ part.charCodeAt(at), 0x01000193);
      state ^= state >>> 15;
    }
  }
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** Returns a random item of a list that is not empty. */
export function pick<Value>(random: Random, values: readonly Value[]): Value {
  const value = values[random(values.length)];
  if (value === undefined) throw new Error("there is nothing to pick from");
  return value;
}
