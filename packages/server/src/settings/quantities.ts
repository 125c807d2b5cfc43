import { type Bounds, type SettingType, numberOrText, within } from "./setting-types.js";

const DURATION = /^([0-9]{1,9})(ms|s|m|h|d)$/;

const UNIT_MS: ReadonlyMap<string, number> = new Map([
  ["ms", 1],
  ["s", 1000],
  ["m", 60_000],
  ["h", 3_600_000],
  ["d", 86_400_000],
]);

const SIZE = /^([0-9]{1,15}) ?(B|kB|KB|MB|GB|TB|KiB|MiB|GiB|TiB)$/;

const UNIT_BYTES: ReadonlyMap<string, number> = new Map([
  ["B", 1],
  ["kB", 1e3],
  ["KB", 1e3],
  ["MB", 1e6],
  ["GB", 1e9],
  ["TB", 1e12],
  ["KiB", 2 ** 10],
  ["MiB", 2 ** 20],
  ["GiB", 2 ** 30],
  ["TiB", 2 ** 40],
]);

// A second to a year. Nothing finishes below; timers and dates overflow sooner or later above.
const DURATION_BOUNDS: Bounds = { min: 1000, max: 365 * 86_400_000 };

/**
 * Returns the milliseconds of a duration such as `90s`, `24h` or `7d` (units ms, s, m, h, d), or
 * undefined for anything else.
 */
export function parseDuration(value: unknown): number | undefined {
  const [, amount, unit = ""] = (typeof value === "string" && DURATION.exec(value)) || [];
  const unitMs = UNIT_MS.get(unit);
  return unitMs === undefined ? undefined : Number(amount) * unitMs;
}

/** A duration from 1s to 365d, in milliseconds. */
export const durationType: SettingType<number> = {
  expects: "a duration from 1s to 365d, such as 90s, 24h or 7d",
  unit: "ms",
  fromText: (text) => text,
  read: (value) => within(parseDuration(value), DURATION_BOUNDS),
};

/**
 * Returns the bytes of a size such as `10GiB`, `500MB` or the number 4096, or undefined for
 * anything else.
 */
export function parseSize(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  const [, amount, unit = ""] = (typeof value === "string" && SIZE.exec(value)) || [];
  const unitBytes = UNIT_BYTES.get(unit);
  return unitBytes === undefined ? undefined : Number(amount) * unitBytes;
}

/** A size in bytes, within bounds. */
export function sizeType(bounds: Bounds): SettingType<number> {
  return {
    expects: `a size from ${bounds.min} to ${bounds.max} bytes, such as 4096, 500MB or 10GiB`,
    unit: "bytes",
    fromText: numberOrText,
    read: (value) => within(parseSize(value), bounds),
  };
}
