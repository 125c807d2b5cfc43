import Database from "better-sqlite3";

import { Fault } from "../../faults/fault.js";
import { CatalogError } from "../catalog-error.js";
import { isBusy } from "./busy.js";

/**
 * The fault to report for an error of SQLite while the server runs: a full disk and a lock have
 * codes.
 */
export function toLibraryFault(error: unknown): unknown {
  if (!(error instanceof Database.SqliteError)) return error;
  if (error.code === "SQLITE_FULL") {
    return new Fault(
      "storage-full",
      "the library has no room left for its catalog; ask the site's admin for room",
      { cause: error },
    );
  }
  if (isBusy(error)) {
    return new Fault("unavailable", "the library's catalog is busy; try again", { cause: error });
  }
  return error;
}

const CORRUPT_CODES = new Set(["SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_FORMAT"]);

/** The error to report when the catalog at `path` cannot be opened or migrated. */
export function toCatalogError(error: unknown, path: string): unknown {
  if (error instanceof CatalogError || !(error instanceof Error)) return error;
  const cause = sqliteErrorOf(error) ?? error;
  if (cause instanceof Database.SqliteError && CORRUPT_CODES.has(primaryCode(cause))) {
    return new CatalogError(
      "catalog-corrupt",
      `the catalog ${path} is damaged or is no catalog (${cause.message}); restore it from a backup`,
      { cause },
    );
  }
  return new CatalogError(
    "catalog-not-accessible",
    `the catalog ${path} cannot be opened (${cause.message}); check the disk and the permissions of its folder`,
    { cause },
  );
}

/** SQLite's error behind a fault. */
function sqliteErrorOf(error: Error): InstanceType<typeof Database.SqliteError> | undefined {
  for (let found: unknown = error; found instanceof Error; found = found.cause) {
    if (found instanceof Database.SqliteError) return found;
  }
  return undefined;
}

/** The code without its extension: `SQLITE_CORRUPT` of `SQLITE_CORRUPT_INDEX`. */
function primaryCode({ code }: InstanceType<typeof Database.SqliteError>): string {
  return code.split("_", 2).join("_");
}
