import type { SettingType } from "./setting-types.js";

/** Groups of settings, in the order that help and docs list them. */
export const SECTIONS = [
  "Storage",
  "Network",
  "Access",
  "Images and transfers",
  "Logging",
] as const;

/** The group that a setting belongs to. */
export type Section = (typeof SECTIONS)[number];

/**
 * One setting, declared once. The configuration file, the environment variable, the flag,
 * validation, `--help` and the table in docs/server.md all derive from the declaration.
 */
export interface Setting<T> {
  /** The key in the configuration file. The variable and the flag are named after it. */
  readonly name: string;
  readonly section: Section;
  /** What the setting does, as Markdown of one line. */
  readonly description: string;
  readonly type: SettingType<T>;
  /** The value when nothing is set; undefined if the setting is required. */
  readonly byDefault: T | undefined;
  /** The default as a user would write it, or in words. */
  readonly defaultText: string;
  readonly isRequired: boolean;
}

type Declaration<T> = Pick<Setting<T>, "name" | "section" | "description" | "type">;

/**
 * Declares a setting whose default is `byDefault`, written as in the configuration file.
 *
 * @throws RangeError if the default is not a valid value.
 */
export function setting<T>(declaration: Declaration<T>, byDefault: unknown): Setting<T> {
  const value = declaration.type.read(byDefault);
  if (value === undefined) {
    throw new RangeError(`the default of the setting ${declaration.name} is not valid`);
  }
  const isEmptyList = Array.isArray(byDefault) && byDefault.length === 0;
  return {
    ...declaration,
    byDefault: value,
    defaultText: isEmptyList ? "none" : String(byDefault),
    isRequired: false,
  };
}

/** Declares a setting that may be left unset; `unset` says in words what happens then. */
export function optionalSetting<T>(
  declaration: Declaration<T>,
  unset: string,
): Setting<T | undefined> {
  return { ...declaration, byDefault: undefined, defaultText: unset, isRequired: false };
}

/** Declares a setting without a default. */
export function requiredSetting<T>(declaration: Declaration<T>): Setting<T> {
  return { ...declaration, byDefault: undefined, defaultText: "required", isRequired: true };
}
