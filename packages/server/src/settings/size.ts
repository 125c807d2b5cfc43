import { type Bounds, type Setting, numberOrText, within } from "./setting.js";

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

/** The bytes of a size such as `10GiB`, `500MB` or the number 4096; `undefined` for anything else. */
export function parseSize(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  const [, amount, unit = ""] = (typeof value === "string" && SIZE.exec(value)) || [];
  const unitBytes = UNIT_BYTES.get(unit);
  return unitBytes === undefined ? undefined : Number(amount) * unitBytes;
}

/** A setting that is a size, in bytes. */
export function sizeSetting(name: string, description: string, bounds: Bounds): Setting<number> {
  return {
    name,
    description,
    expects: `a size of ${bounds.min} to ${bounds.max} bytes, such as 4096, 500MB or 10GiB`,
    fromText: numberOrText,
    read: (value) => within(parseSize(value), bounds),
  };
}
