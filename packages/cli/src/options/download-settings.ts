import type { PullToFileOptions } from "@sifshelf/client/node";

import { CliError } from "../errors/cli-error.js";

/** Whose names count, the first first: people have set those of the other tools. */
const PREFIXES = ["SIFSHELF", "APPTAINER", "SINGULARITY"] as const;

/** Most connections of a pull; as many as the client allows. */
const MAX_CONCURRENCY = 64;

/** Most bytes of a part: 1 GiB. */
const MAX_PART_BYTES = 1024 ** 3;

/**
 * What the environment says about the parts of a pull: `…_DOWNLOAD_CONCURRENCY` and
 * `…_DOWNLOAD_PART_SIZE` (bytes). The third that `singularity` knows, a buffer size, has no meaning
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
