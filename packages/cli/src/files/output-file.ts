import type { ExpandedRef } from "@sifshelf/protocol";
import { stat, type FileHandle, open, rename, rm } from "node:fs/promises";
import type { Stats } from "node:fs";
import { randomBytes } from "node:crypto";
import { basename, dirname, join } from "node:path";

import { CliError } from "../errors/cli-error.js";

/**
 * The default file name of a pulled image: `container_tag.sif`, or `container_sha256.<hex>.sif` for
 * a ref by hash, as in `singularity pull`. Derived from the checked ref alone, never from a
 * server's reply.
 */
export function outputName({
  container,
  tags,
  hash,
}: Pick<ExpandedRef, "container" | "tags" | "hash">): string {
  return `${container}_${hash ?? tags.join("_")}.sif`;
}

/**
 * Checks an output path before any request is sent: a folder, a device, a pipe or a socket is never
 * replaced. A link counts as its target. A dangling link is accepted; the pull replaces the link
 * itself.
 *
 * @throws {CliError} `output-not-a-file`
 */
export async function checkOutputPath(path: string): Promise<void> {
  const target = await absentAsUndefined(stat(path));
  if (target === undefined || target.isFile()) return;
  throw new CliError("output-not-a-file", `${path} is ${kindOf(target)}, not a file`, {
    next: "choose another file with -o",
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

/**
 * Runs `make`, which creates a new file, and converts `EEXIST` into a {@link CliError}.
 *
 * @throws {CliError} `file-exists`
 */
export async function refusingExisting<Result>(
  path: string,
  make: () => Promise<Result>,
): Promise<Result> {
  try {
    return await make();
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    throw new CliError("file-exists", `${path} already exists`, {
      next: "use --force to replace the file, or choose another one",
      cause: error,
    });
  }
}

/**
 * Writes a file that appears under its name only when it is complete. With `force` it replaces an
 * existing file.
 *
 * @param fill writes the content
 * @throws {CliError} `file-exists` without `force`, `output-not-a-file`; what `fill` throws, and
 *   errors of the file system
 */
export async function writeNewFile(
  path: string,
  force: boolean,
  fill: (handle: FileHandle) => Promise<void>,
): Promise<void> {
  await checkOutputPath(path);
  // Reserves the name before anything is written, so that no other process can take it.
  if (!force) await (await refusingExisting(path, () => open(path, "wx"))).close();
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}.tmp`);
  try {
    const handle = await open(temporary, "wx");
    try {
      await fill(handle);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    if (!force) await rm(path, { force: true });
    throw error;
  }
}
