import { randomBytes } from "node:crypto";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

import { CliError } from "./cli-error.js";
import { checkOutputPath } from "./output-path.js";

/**
 * Runs `make`, which makes a file under a path that nothing is at, and turns "it exists" into our own error.
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
    throw new CliError("file-exists", `${path} exists already`, {
      next: "use --force to replace the file, or name another one",
      cause: error,
    });
  }
}

/**
 * Writes a file that appears under its name only when it is whole; with `force` it takes the place of one that is
 * there.
 *
 * @param fill writes the content
 * @throws {CliError} `file-exists` without `force`, `output-not-a-file`; what `fill` throws, and errors of the file
 *   system
 */
export async function writeNewFile(
  path: string,
  force: boolean,
  fill: (handle: FileHandle) => Promise<void>,
): Promise<void> {
  await checkOutputPath(path);
  // The name is taken before anything is written, so that nobody else can take it meanwhile.
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
