import {
  decode,
  isWireError,
  parseJson,
  constantSchema,
  objectSchema,
  optional,
  recordSchema,
  type Static,
  stringSchema,
} from "@sifshelf/protocol";
import { readFileSync } from "node:fs";
import { stat } from "node:fs/promises";
import { isAbsolute, join } from "node:path";

import { CliError } from "../errors/cli-error.js";
import type { CliContext } from "../context/context.js";
import { writePrivateFile } from "../files/private-file.js";

/** Longest configuration that is read, in characters. */
const MAX_CONFIG_LENGTH = 1024 * 1024;

const ConfigSchema = objectSchema({
  version: constantSchema(1, { default: 1 }),
  defaultLibrary: optional(stringSchema()),
  libraries: recordSchema(
    objectSchema({ token: stringSchema(), username: optional(stringSchema()) }),
    { default: {} },
  ),
});

/**
 * The configuration. `defaultLibrary` is a base URL; `libraries` is keyed by origin (scheme, host,
 * port), because a token belongs to an origin.
 */
export type Config = Static<typeof ConfigSchema>;

/** What `readConfig` needs from the context. */
export type ConfigPlace = Pick<CliContext, "env" | "homeDir">;

/**
 * `$XDG_CONFIG_HOME/sifshelf/config.json`, in `~/.config` by default; a relative `XDG_CONFIG_HOME`
 * is ignored.
 */
export function configPath({ env, homeDir }: ConfigPlace): string {
  const base = env["XDG_CONFIG_HOME"] ?? "";
  return join(isAbsolute(base) ? base : join(homeDir, ".config"), "sifshelf", "config.json");
}

/**
 * Reads the configuration; empty if there is no file.
 *
 * @throws {CliError} `config-not-valid` when the file cannot be read or is not valid
 */
export async function readConfig(place: ConfigPlace): Promise<Config> {
  const path = configPath(place);
  const text = readText(path);
  if (text === undefined) return { version: 1, libraries: {} };
  try {
    return decode(
      ConfigSchema,
      parseJson(text, "configuration", MAX_CONFIG_LENGTH),
      "configuration",
    );
  } catch (error) {
    if (!isWireError(error)) throw error;
    throw invalidConfig(path, error.message, error);
  }
}

/** Replaces the configuration atomically. Only its owner can read the file. */
export async function writeConfig(place: ConfigPlace, config: Config): Promise<void> {
  await writePrivateFile(configPath(place), `${JSON.stringify(config, undefined, 2)}\n`);
}

/**
 * Whether users other than the owner can read or write the configuration; false if there is none.
 */
export async function isConfigExposed(place: ConfigPlace): Promise<boolean> {
  const stats = await stat(configPath(place)).catch(() => undefined);
  return stats !== undefined && (stats.mode & 0o077) !== 0;
}

/**
 * Synchronous, because every network command starts with this and `node:fs/promises` takes time to
 * load.
 */
function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw invalidConfig(path, error instanceof Error ? error.message : "unknown fault", error);
  }
}

function invalidConfig(path: string, problem: string, cause: unknown): CliError {
  return new CliError("config-not-valid", `cannot read the configuration ${path}: ${problem}`, {
    cause,
    next: "correct or delete the file, then log in again",
  });
}
