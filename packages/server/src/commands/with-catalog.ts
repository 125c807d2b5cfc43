import { existsSync } from "node:fs";

import type { Catalog } from "../catalog/catalog.js";
import { openCatalog } from "../catalog/open/open-catalog.js";
import { DataFolderError } from "../data-folder/data-folder-error.js";
import { prepareDataFolder } from "../data-folder/prepare-data-folder.js";

/**
 * Runs `work` on the catalog of a data folder; a server may be running on it.
 *
 * @throws DataFolderError if the folder has no catalog, so that a mistyped path is noticed.
 * @throws CatalogError if the catalog is not of this release's version.
 */
export async function withCatalog<T>(
  dataPath: string,
  work: (catalog: Catalog) => Promise<T>,
): Promise<T> {
  if (!existsSync(dataPath)) throw noCatalog(dataPath);
  const folder = prepareDataFolder(dataPath);
  if (!existsSync(folder.catalogPath)) throw noCatalog(dataPath);
  return withOpenCatalog(folder.catalogPath, work);
}

/** Like {@link withCatalog}, but creates the folder and the catalog if they do not exist. */
export async function withNewCatalog<T>(
  dataPath: string,
  work: (catalog: Catalog) => Promise<T>,
): Promise<T> {
  return withOpenCatalog(prepareDataFolder(dataPath).catalogPath, work);
}

async function withOpenCatalog<T>(
  catalogPath: string,
  work: (catalog: Catalog) => Promise<T>,
): Promise<T> {
  const catalog = await openCatalog({ kind: "sqlite", path: catalogPath, migrate: "if-new" });
  try {
    return await work(catalog);
  } finally {
    await catalog.close();
  }
}

function noCatalog(dataPath: string): DataFolderError {
  return new DataFolderError(
    "data-folder-not-usable",
    `there is no library in ${dataPath}; give the data folder of a server that has been started`,
  );
}
