/** Median, minimum and maximum of several measurements. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** Returns the spread of at least one number. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  const middle = (sorted.length - 1) / 2;
  const median = (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2;
  return { median, least: at(0), most: at(sorted.length - 1) };
}

/** Returns a spread as text: the median, with minimum and maximum in parentheses. */
export function spreadText({ median, least, most }: Spread, digits: number): string {
  const text = (value: number): string => value.toFixed(digits);
  return `${text(median)} (${text(least)}–${text(most)})`;
}
