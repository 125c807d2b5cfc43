/** One setting: how it is written outside and what comes of it. */
export interface Setting<T> {
  /** Its key in the configuration file, from which the names of its variable and flag come. */
  readonly name: string;
  /** What a right value looks like, for a fault's message: `"true" or "false"`. */
  readonly expects: string;
  /** What the setting does, for the help. */
  readonly description: string;
  /** Text from the environment or a flag, as the configuration file would have it. */
  readonly fromText: (text: string) => unknown;
  /** The value that a file's entry means; `undefined` if it is not a right one. */
  readonly read: (value: unknown) => T | undefined;
}

const LIST_SEPARATOR = /\s*,\s*/;

/** A setting that is written as text, of which `parse` makes a value or `undefined`. */
export function textSetting<T>(
  name: string,
  description: string,
  expects: string,
  parse: (text: string) => T | undefined,
): Setting<T> {
  return {
    name,
    description,
    expects,
    fromText: (text) => text,
    read: (value) => (typeof value === "string" ? parse(value) : undefined),
  };
}

/** A setting that is one of some words. */
export function choiceSetting<const T extends string>(
  name: string,
  description: string,
  choices: readonly T[],
): Setting<T> {
  return textSetting(name, description, `one of ${choices.join(", ")}`, (text) =>
    choices.find((choice) => choice === text),
  );
}

/** A setting that is on or off. */
export function flagSetting(name: string, description: string): Setting<boolean> {
  return {
    name,
    description,
    expects: "true or false",
    fromText: (text) => (text === "true" || text === "false" ? text === "true" : text),
    read: (value) => (typeof value === "boolean" ? value : undefined),
  };
}

/** Bounds of a number, both included. */
export interface Bounds {
  readonly min: number;
  readonly max: number;
}

/** A setting that is a whole number. */
export function integerSetting(name: string, description: string, bounds: Bounds): Setting<number> {
  return {
    name,
    description,
    expects: `a whole number from ${bounds.min} to ${bounds.max}`,
    fromText: numberOrText,
    read: (value) => within(value, bounds),
  };
}

/** A setting that is a list of texts, each of which `isItem` accepts; separated by commas in the environment and in flags. */
export function listSetting(
  name: string,
  description: string,
  expects: string,
  isItem: (text: string) => boolean,
): Setting<readonly string[]> {
  return {
    name,
    description,
    expects,
    fromText: (text) => (text.trim() === "" ? [] : text.trim().split(LIST_SEPARATOR)),
    read: (value) => (isListOf(value, isItem) ? value : undefined),
  };
}

/** The number that `value` is, if it is a whole one within bounds. */
export function within(value: unknown, { min, max }: Bounds): number | undefined {
  return typeof value === "number" && Number.isInteger(value) && value >= min && value <= max
    ? value
    : undefined;
}

/** Digits as the number that a file would have, anything else as it is. */
export function numberOrText(text: string): unknown {
  return /^[0-9]{1,15}$/.test(text) ? Number(text) : text;
}

function isListOf(value: unknown, isItem: (text: string) => boolean): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string" && isItem(item));
}
