/** How the values of a setting are written and read. */
export interface SettingType<T> {
  /** What a valid value looks like, for error messages: `"true" or "false"`. */
  readonly expects: string;
  /**
   * Unit of the value that {@link read} returns: `bytes` or `ms`; absent for values without one.
   */
  readonly unit?: "bytes" | "ms";
  /** Converts text from the environment or a flag to what the configuration file would hold. */
  readonly fromText: (text: string) => unknown;
  /** Returns the value of an entry in the file, or undefined if the entry is not valid. */
  readonly read: (value: unknown) => T | undefined;
}

/** Bounds of a number, both inclusive. */
export interface Bounds {
  readonly min: number;
  readonly max: number;
}

const LIST_SEPARATOR = /\s*,\s*/;

/** Text that `parse` turns into a value; `parse` returns undefined for text that is not valid. */
export function textType<T>(
  expects: string,
  parse: (text: string) => T | undefined,
): SettingType<T> {
  return {
    expects,
    fromText: (text) => text,
    read: (value) => (typeof value === "string" ? parse(value) : undefined),
  };
}

/** One of a few words. */
export function choiceType<const T extends string>(choices: readonly T[]): SettingType<T> {
  return textType(`one of ${choices.join(", ")}`, (text) =>
    choices.find((choice) => choice === text),
  );
}

/** True or false. */
export const flagType: SettingType<boolean> = {
  expects: "true or false",
  fromText: (text) => (text === "true" || text === "false" ? text === "true" : text),
  read: (value) => (typeof value === "boolean" ? value : undefined),
};

/** An integer within bounds. */
export function integerType(bounds: Bounds): SettingType<number> {
  return {
    expects: `an integer from ${bounds.min} to ${bounds.max}`,
    fromText: numberOrText,
    read: (value) => within(value, bounds),
  };
}

/**
 * A list of texts, each of which `isItem` accepts. In the environment and in flags the items are
 * separated by commas.
 */
export function listType(
  expects: string,
  isItem: (text: string) => boolean,
): SettingType<readonly string[]> {
  return {
    expects,
    fromText: (text) => (text.trim() === "" ? [] : text.trim().split(LIST_SEPARATOR)),
    read: (value) => (isListOf(value, isItem) ? value : undefined),
  };
}

/** Returns the number that `value` is, or undefined unless it is an integer within bounds. */
export function within(value: unknown, { min, max }: Bounds): number | undefined {
  return typeof value === "number" && Number.isInteger(value) && value >= min && value <= max
    ? value
    : undefined;
}

/** Returns digits as the number that a file would hold, and any other text unchanged. */
export function numberOrText(text: string): unknown {
  return /^[0-9]{1,15}$/.test(text) ? Number(text) : text;
}

function isListOf(value: unknown, isItem: (text: string) => boolean): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string" && isItem(item));
}
