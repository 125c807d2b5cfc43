import { accessSync, constants, statSync } from "node:fs";
import { join, resolve } from "node:path";

import { DataFolderError } from "./data-folder-error.js";
import { makeFolders } from "./make-folders.js";

const WRITABLE_BY_EVERYONE = 0o002;

/** The paths of a data folder. */
export interface DataFolder {
  readonly path: string;
  /** The SQLite file of the catalog. */
  readonly catalogPath: string;
  /** The file that the server locks. */
  readonly lockPath: string;
}

/**
 * Returns the data folder at `path`. Creates it (0700), with its parents, if it does not exist.
 *
 * @throws DataFolderError if it is not a folder, cannot be created, read or written, or if everyone
 *   on the machine may write to it and so could replace images.
 */
export function prepareDataFolder(path: string): DataFolder {
  const mode = makeFolder(path);
  if ((mode & WRITABLE_BY_EVERYONE) !== 0) {
    throw new DataFolderError(
      "data-folder-not-safe",
      `the data folder ${path} can be written by everyone; run \`chmod o-w\` on it, or choose another`,
    );
  }
  return { path, catalogPath: join(path, "catalog.sqlite"), lockPath: join(path, "server.lock") };
}

function makeFolder(path: string): number {
  try {
    makeFolders(resolve(path));
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
    return statSync(path).mode;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DataFolderError(
      "data-folder-not-usable",
      `the data folder ${path} cannot be used (${reason}); give a folder that this user may write to`,
      { cause },
    );
  }
}
