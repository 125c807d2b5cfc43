import type { Bit } from "./schema.js";

/** How a truth value is stored. */
export function toBit(value: boolean): Bit {
  return value ? 1 : 0;
}

/** The truth value that is stored. */
export function fromBit(bit: Bit): boolean {
  return bit === 1;
}

/** The truth value that is stored, or null if it is not known. */
export function fromBitOrNull(bit: Bit | null): boolean | null {
  return bit === null ? null : fromBit(bit);
}
