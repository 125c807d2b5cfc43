import type { PullToFileOptions } from "@sifshelf/client/node";

import { CliError } from "../errors/cli-error.js";

/**
 * Prefixes of environment variables, in order of precedence. Users may have set those of the other
 * tools.
 */
const PREFIXES = ["SIFSHELF", "APPTAINER", "SINGULARITY"] as const;

/** Maximum number of connections of a pull; the client's limit. */
const MAX_CONCURRENCY = 64;

/** Maximum size of a part: 1 GiB. */
const MAX_PART_BYTES = 1024 ** 3;

/**
 * Reads the settings of a pull's parts from the environment: `…_DOWNLOAD_CONCURRENCY` and
 * `…_DOWNLOAD_PART_SIZE` (bytes). The buffer size that `singularity` also reads does not apply
 * here.
 *
 * @throws {CliError} `usage`
 */
export function downloadSettings(
  env: Readonly<Record<string, string | undefined>>,
): Pick<PullToFileOptions, "concurrency" | "partSizeBytes"> {
  return {
    concurrency: numberOf(env, "DOWNLOAD_CONCURRENCY", MAX_CONCURRENCY),
    partSizeBytes: numberOf(env, "DOWNLOAD_PART_SIZE", MAX_PART_BYTES),
  };
}

function numberOf(
  env: Readonly<Record<string, string | undefined>>,
  suffix: string,
  maximum: number,
): number | undefined {
  const names = PREFIXES.map((prefix) => `${prefix}_${suffix}`);
  const name = names.find((candidate) => (env[candidate] ?? "") !== "");
  if (name === undefined) return undefined;
  const value = Number(env[name]);
  if (/^\d+$/.test(env[name] ?? "") && value >= 1 && value <= maximum) return value;
  throw new CliError("usage", `${name} is not a whole number between 1 and ${maximum}`, {
    next: "correct or unset the variable",
  });
}
