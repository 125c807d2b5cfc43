import type { Bit } from "./schema.js";

/** The stored form of a truth value. */
export function toBit(value: boolean): Bit {
  return value ? 1 : 0;
}

/** The truth value of a stored bit. */
export function fromBit(bit: Bit): boolean {
  return bit === 1;
}

/** The truth value of a stored bit, or null if it is not known. */
export function fromBitOrNull(bit: Bit | null): boolean | null {
  return bit === null ? null : fromBit(bit);
}
