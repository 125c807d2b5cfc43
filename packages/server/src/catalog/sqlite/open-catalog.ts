import Database from "better-sqlite3";
import { Kysely } from "kysely";

import { createPrivateFile } from "../../data-folder/create-private-file.js";
import { type Catalog, catalogOver } from "../catalog.js";
import { CatalogError } from "../catalog-error.js";
import { catalogVersion, migrateCatalog } from "../migrate.js";
import { withLongReads } from "../long-reads.js";
import { MIGRATIONS } from "../migrations/all.js";
import type { CatalogSchema } from "../schema.js";
import { fillSmallSearch } from "../search/fill.js";
import { createSqliteDialect } from "./dialect.js";
import { openLongReads } from "./open-long-reads.js";

// How long to wait for another process's transaction, in milliseconds. Ours take well under one.
const BUSY_TIMEOUT_MS = 5000;

/** How to open a catalog. */
export interface OpenCatalogOptions {
  /**
   * `always` (default) brings an older catalog up to date; `if-new` only fills an empty one and refuses an older one, for
   * commands that run beside a server.
   */
  readonly migrate?: "always" | "if-new";
}

/**
 * The catalog in the SQLite file at `path`, which is made (0600) if it is not there. Every commit is on disk before it is
 * reported, but for `inUnsyncedTransaction`. Close it with `close()`. Throws {@link CatalogError}.
 */
export async function openSqliteCatalog(
  path: string,
  options: OpenCatalogOptions = {},
): Promise<Catalog> {
  const database = openDatabase(path);
  const db = new Kysely<CatalogSchema>({ dialect: createSqliteDialect(database) });
  try {
    const catalog = catalogOver(db, () => db.destroy());
    await bringUpToDate(catalog, options.migrate ?? "always");
    return withLongReads(catalog, openLongReads(path));
  } catch (error) {
    database.close();
    throw toCatalogError(error, path);
  }
}

async function bringUpToDate(catalog: Catalog, migrate: "always" | "if-new"): Promise<void> {
  const version = await catalogVersion(catalog);
  if (migrate === "if-new" && version > 0 && version < MIGRATIONS.length) {
    throw new CatalogError(
      "catalog-too-old",
      `the catalog has version ${version}, this release uses version ${MIGRATIONS.length}; start the server of this release once to bring it up to date`,
    );
  }
  await migrateCatalog(catalog);
  await fillSmallSearch(catalog);
}

function openDatabase(path: string): Database.Database {
  let database: Database.Database | undefined;
  try {
    createPrivateFile(path);
    database = new Database(path, { timeout: BUSY_TIMEOUT_MS });
    configure(database);
    return database;
  } catch (error) {
    database?.close();
    throw toCatalogError(error, path);
  }
}

function configure(database: Database.Database): void {
  database.pragma("journal_mode = WAL");
  // With NORMAL a power cut may lose commits that were reported as done.
  database.pragma("synchronous = FULL");
  database.pragma("foreign_keys = ON");
  // SQLite's own knows ASCII only.
  database.function("lower", { deterministic: true }, (text: unknown) =>
    typeof text === "string" ? text.toLowerCase() : text,
  );
}

const CORRUPT_CODES = new Set(["SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_FORMAT"]);

function toCatalogError(error: unknown, path: string): unknown {
  if (error instanceof CatalogError || !(error instanceof Error)) return error;
  const cause =
    error instanceof Database.SqliteError
      ? error
      : error.cause instanceof Database.SqliteError
        ? error.cause
        : error;
  if (
    cause instanceof Database.SqliteError &&
    CORRUPT_CODES.has(cause.code.split("_").slice(0, 2).join("_"))
  ) {
    return new CatalogError(
      "catalog-corrupt",
      `the catalog ${path} is damaged or is no catalog (${cause.message}); restore it from a backup`,
      { cause },
    );
  }
  return new CatalogError(
    "catalog-not-accessible",
    `the catalog ${path} cannot be opened (${cause.message}); check the disk and the permissions of its folder`,
    {
      cause,
    },
  );
}
