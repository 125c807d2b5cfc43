import Database from "better-sqlite3";

import { Fault } from "../../faults/fault.js";

/** The fault to report for what SQLite threw while the server runs: disk full and busy have codes of their own. */
export function toLibraryFault(error: unknown): unknown {
  if (!(error instanceof Database.SqliteError)) return error;
  if (error.code === "SQLITE_FULL") {
    return new Fault(
      "storage-full",
      "the library has no room left for its catalog; ask the site's admin for room",
      {
        cause: error,
      },
    );
  }
  if (error.code.startsWith("SQLITE_BUSY")) {
    return new Fault("unavailable", "the library's catalog is busy; try again", {
      cause: error,
    });
  }
  return error;
}
