import { randomBytes } from "node:crypto";

const ID = /^[0-9a-f]{24}$/;
const RANDOM_HEX_DIGITS = 13;

/**
 * A new id: 24 lower-case hex characters, as clients up to Singularity 3.2 require. It starts with
 * the time (8 digits of seconds, 3 of milliseconds), so ids sort by age; the rest is random.
 */
export function createId(nowMs: number = Date.now()): string {
  const seconds = Math.floor(nowMs / 1000);
  const milliseconds = Math.floor(nowMs) - seconds * 1000;
  const random = randomBytes(7).toString("hex").slice(0, RANDOM_HEX_DIGITS);
  return toHex(seconds, 8) + toHex(milliseconds, 3) + random;
}

/** Whether `text` has the form of an id. */
export function isId(text: string): boolean {
  return ID.test(text);
}

function toHex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0").slice(-digits);
}
