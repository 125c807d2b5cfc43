import { existsSync } from "node:fs";

import type { Catalog } from "../catalog/catalog.js";
import { openCatalog } from "../catalog/open-catalog.js";
import { DataFolderError } from "../data-folder/data-folder-error.js";
import { prepareDataFolder } from "../data-folder/prepare-data-folder.js";

/**
 * Runs `work` on the catalog of a data folder, beside a running server if there is one. Throws DataFolderError if there is no
 * catalog in it, so that a mistyped path is noticed, and CatalogError if it is not of this release's version.
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

/** Like {@link withCatalog}, but makes the folder and the catalog if they are not there. */
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
    `there is no library in ${dataPath}; give the data folder of a server that was started before`,
  );
}
