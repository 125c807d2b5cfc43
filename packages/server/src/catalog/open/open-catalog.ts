import { type Catalog, catalogOver } from "../catalog.js";
import { CatalogError } from "../catalog-error.js";
import { catalogVersion, migrateCatalog } from "../migrations/migrate.js";
import { MIGRATIONS } from "../migrations/all.js";
import { fillSmallSearch } from "../search/fill.js";
import { type SqliteConfig, openSqliteAdapter } from "../sqlite/open-adapter.js";

/** Where the catalog is, and how to open it. `kind` chooses the database. */
export type CatalogConfig = SqliteConfig & {
  /**
   * `always` (default) brings an older catalog up to date; `if-new` only fills an empty one and
   * refuses an older one, for commands that run beside a server.
   */
  readonly migrate?: "always" | "if-new";
};

/** How to open each kind of database. */
const ADAPTERS = { sqlite: openSqliteAdapter };

/**
 * Opens the catalog, which is created if there is none. Release it with `close()`.
 *
 * @throws CatalogError, with nothing changed.
 */
export async function openCatalog(config: CatalogConfig): Promise<Catalog> {
  const adapter = await ADAPTERS[config.kind](config);
  try {
    const catalog = catalogOver(adapter);
    await bringUpToDate(catalog, config.migrate ?? "always");
    return catalog;
  } catch (error) {
    await adapter.close();
    throw adapter.toOpeningError(error);
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
