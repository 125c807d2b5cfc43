import { type Setting, within } from "./setting.js";

const DURATION = /^([0-9]{1,9})(ms|s|m|h|d)$/;

const UNIT_MS: ReadonlyMap<string, number> = new Map([
  ["ms", 1],
  ["s", 1000],
  ["m", 60_000],
  ["h", 3_600_000],
  ["d", 86_400_000],
]);

/** The milliseconds of a duration such as `90s`, `24h` or `7d` (units ms, s, m, h, d); `undefined` for anything else. */
export function parseDuration(value: unknown): number | undefined {
  const [, amount, unit = ""] = (typeof value === "string" && DURATION.exec(value)) || [];
  const unitMs = UNIT_MS.get(unit);
  return unitMs === undefined ? undefined : Number(amount) * unitMs;
}

// A second to a year: below, nothing finishes; above, timers and dates overflow sooner or later.
const BOUNDS = { min: 1000, max: 365 * 86_400_000 };

/** A setting that is a duration of 1s to 365d, in milliseconds. */
export function durationSetting(name: string, description: string): Setting<number> {
  return {
    name,
    description,
    expects: "a duration of 1s to 365d, such as 90s, 24h or 7d",
    fromText: (text) => text,
    read: (value) => within(parseDuration(value), BOUNDS),
  };
}
