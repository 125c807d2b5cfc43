/**
 * "No time" as SIF writes it: 0001-01-01T00:00:00Z in Unix seconds, the zero value of Go's
 * `time.Time`. It is not 0, which is the real time 1970-01-01.
 */
export const NO_TIME = -62_135_596_800n;

// The range of ECMAScript's Date, in seconds.
const MAX_DATE_SECONDS = 8_640_000_000_000n;

/**
 * Returns the time that a SIF field names, in Unix seconds; `null` for {@link NO_TIME} and for values
 * that no `Date` can hold (the fields are 64 bits of untrusted input).
 */
export function dateFromSifTime(seconds: bigint): Date | null {
  const inRange = seconds >= -MAX_DATE_SECONDS && seconds <= MAX_DATE_SECONDS;
  if (seconds === NO_TIME || !inRange) return null;
  return new Date(Number(seconds) * 1000);
}
