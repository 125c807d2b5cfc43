import { stat } from "node:fs/promises";
import type { Stats } from "node:fs";

import { CliError } from "./cli-error.js";

/**
 * Refuses a path for an output before anything is asked of a library: a folder, a device, a pipe or a socket is never
 * replaced. What a link leads to counts; a link to nothing is left to the pull, which replaces the link itself.
 *
 * @throws {CliError} `output-not-a-file`
 */
export async function checkOutputPath(path: string): Promise<void> {
  const target = await absentAsUndefined(stat(path));
  if (target === undefined || target.isFile()) return;
  throw new CliError("output-not-a-file", `${path} is ${kindOf(target)}, not a file`, {
    next: "name another file with -o",
  });
}

async function absentAsUndefined(stats: Promise<Stats>): Promise<Stats | undefined> {
  try {
    return await stats;
  } catch (error) {
    if (
      error instanceof Error &&
      "code" in error &&
      (error.code === "ENOENT" || error.code === "ENOTDIR")
    )
      return undefined;
    throw error;
  }
}

function kindOf(stats: Stats): string {
  return stats.isDirectory() ? "a folder" : "a device, pipe or socket";
}
