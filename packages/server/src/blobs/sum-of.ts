import type { SumName, Sums } from "./blob-store.js";

/** A sum that was asked for. */
export function sumOf(sums: Sums, name: SumName): string {
  const sum = sums[name];
  if (sum === undefined) throw new Error(`there is no ${name} of bytes for which it was asked`);
  return sum;
}
