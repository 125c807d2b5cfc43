import { resolve } from "node:path";

import { DEFAULT_CONFIG, SETTINGS, SETTING_KEYS, type ServerConfig } from "./settings.js";
import { ConfigError, type ConfigFault } from "./config-error.js";
import { readConfigFile } from "./read-file.js";
import type { Setting } from "./setting.js";
import { ENV_PREFIX, envNameOf, flagNameOf } from "./setting-names.js";

/** The environment variable that names a configuration file. */
export const CONFIG_VARIABLE = `${ENV_PREFIX}CONFIG`;

/** Where settings come from. */
export interface ConfigSources {
  /** Values given as flags, by the name of the setting. */
  readonly flags: Readonly<Record<string, string | undefined>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Path of a TOML file. Default: the value of `SIFSHELF_SERVER_CONFIG`, if set. */
  readonly configPath?: string | undefined;
}

interface Source {
  readonly name: string;
  /** The entries of the source, by its own spelling. */
  readonly entries: ReadonlyMap<string, unknown>;
  readonly spell: (settingName: string) => string;
  /** Whether all values are text, as in the environment. */
  readonly isText: boolean;
}

/** The same settings, typed by key, which a generic function can follow. */
const TYPED_SETTINGS: { readonly [Key in keyof ServerConfig]: Setting<ServerConfig[Key]> } =
  SETTINGS;

type Settings = { -readonly [Key in keyof ServerConfig]?: ServerConfig[Key] };

/**
 * Returns the configuration. Precedence: flag, environment, file, default. Relative paths count
 * from the current folder.
 *
 * @throws ConfigError with every fault of every source, unknown keys included.
 */
export function readConfig(given: ConfigSources): ServerConfig {
  const faults: ConfigFault[] = [];
  const sources = listSources(given, faults);
  const settings: Settings = Object.assign(
    {},
    ...sources.map((source) => readSource(source, faults)),
  );
  if (!sources.some((source) => source.entries.has(source.spell(SETTINGS.data.name))))
    faults.push(NO_DATA);
  if (settings.data === undefined || faults.length > 0) throw new ConfigError(faults);
  return { ...DEFAULT_CONFIG, ...settings, data: resolve(settings.data) };
}

const NO_DATA: ConfigFault = {
  source: "command line",
  key: flagNameOf(SETTINGS.data.name),
  message: `is required; set it, or ${envNameOf(SETTINGS.data.name)}, or an entry in the configuration file`,
};

/** The sources, weakest first. */
function listSources(given: ConfigSources, faults: ConfigFault[]): Source[] {
  const path = given.configPath ?? given.env[CONFIG_VARIABLE];
  const isOurs = ([key]: [string, unknown]) =>
    key.startsWith(ENV_PREFIX) && key !== CONFIG_VARIABLE;
  const env = Object.entries(given.env).filter(isOurs);
  const flags = Object.entries(given.flags).map(
    ([name, text]) => [flagNameOf(name), text] as const,
  );
  return [
    ...fileSource(path, faults),
    { name: "environment", entries: withValues(env), spell: envNameOf, isText: true },
    { name: "command line", entries: withValues(flags), spell: flagNameOf, isText: true },
  ];
}

function withValues(entries: readonly (readonly [string, unknown])[]): Map<string, unknown> {
  return new Map(entries.filter(([, value]) => value !== undefined));
}

function fileSource(path: string | undefined, faults: ConfigFault[]): Source[] {
  if (path === undefined) return [];
  try {
    const entries = new Map(Object.entries(readConfigFile(path)));
    return [{ name: path, entries, spell: (name) => name, isText: false }];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    faults.push(...error.faults);
    return [];
  }
}

function readSource(source: Source, faults: ConfigFault[]): Settings {
  const settings: Settings = {};
  const unknown = new Set(source.entries.keys());
  for (const key of SETTING_KEYS) {
    unknown.delete(source.spell(SETTINGS[key].name));
    readSetting(source, key, settings, faults);
  }
  for (const key of unknown) {
    faults.push({
      source: source.name,
      key,
      message: "is not a setting; see --help for the settings",
    });
  }
  return settings;
}

function readSetting<Key extends keyof ServerConfig>(
  source: Source,
  key: Key,
  settings: Partial<Record<Key, ServerConfig[Key]>>,
  faults: ConfigFault[],
): void {
  const setting = TYPED_SETTINGS[key];
  const spelling = source.spell(setting.name);
  const entry = source.entries.get(spelling);
  if (entry === undefined) return;
  const value = setting.type.read(
    source.isText && typeof entry === "string" ? setting.type.fromText(entry) : entry,
  );
  if (value === undefined) {
    faults.push({
      source: source.name,
      key: spelling,
      message: `expected ${setting.type.expects}`,
    });
  } else {
    settings[key] = value;
  }
}
