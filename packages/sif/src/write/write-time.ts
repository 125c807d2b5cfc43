import { NO_TIME } from "../sif-time.js";
import { SifWriteError } from "./write-error.js";

/** When an image is said to be written. */
export interface WriteTimeOptions {
  /** The time to store; `null` for none. Default: now, or none if the image is deterministic. */
  readonly time?: Date | null;
}

/** Returns a time as Unix seconds, rounded down. */
export function sifTimeFrom(time: Date | null): bigint {
  if (time === null) return NO_TIME;
  const seconds = Math.floor(time.getTime() / 1000);
  if (Number.isNaN(seconds)) throw new SifWriteError("bad-id", "the time is not a valid date");
  return BigInt(seconds);
}
