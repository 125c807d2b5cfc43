import Database from "better-sqlite3";

import { createPrivateFile } from "./create-private-file.js";
import { DataFolderError } from "./data-folder-error.js";
import type { DataFolder } from "./prepare-data-folder.js";

// Long enough for a server that is about to exit.
const WAIT_MS = 500;

/** A data folder held by this server. */
export interface DataFolderLock {
  /** Releases the folder. */
  release(): void;
}

/**
 * Locks a data folder for one server. The operating system holds the lock, on an SQLite file with
 * no other content, so the lock ends with the process, however that ends.
 *
 * @throws DataFolderError `data-folder-in-use` if another server is using it.
 */
export function lockDataFolder(folder: DataFolder): DataFolderLock {
  let database: Database.Database | undefined;
  try {
    createPrivateFile(folder.lockPath);
    database = new Database(folder.lockPath, { timeout: WAIT_MS });
    database.exec("begin exclusive");
  } catch (cause) {
    database?.close();
    throw toDataFolderError(cause, folder);
  }
  const held = database;
  return { release: () => void held.close() };
}

function toDataFolderError(cause: unknown, folder: DataFolder): DataFolderError {
  if (cause instanceof Database.SqliteError && cause.code.startsWith("SQLITE_BUSY")) {
    return new DataFolderError(
      "data-folder-in-use",
      `another server uses the data folder ${folder.path}; stop it first, or choose another folder`,
      { cause },
    );
  }
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new DataFolderError(
    "data-folder-not-usable",
    `the lock ${folder.lockPath} cannot be taken (${reason}); check the permissions of the folder`,
    { cause },
  );
}
