import { sql } from "kysely";

import { type Catalog, inTransaction } from "./catalog.js";
import { CatalogError } from "./catalog-error.js";
import { MIGRATIONS } from "./migrations/all.js";
import type { Migration } from "./migrations/migration.js";
import { sqlOf } from "./sql.js";

/**
 * Brings a catalog to the newest of `migrations`, each in a transaction of its own, so a failed one changes nothing.
 * Two processes may do it at once. Throws {@link CatalogError} `catalog-too-new` if a later release has been here.
 */
export async function migrateCatalog(
  catalog: Catalog,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<void> {
  await sql`create table if not exists catalog_versions (version bigint primary key, name text not null, migrated_at bigint not null)`.execute(
    sqlOf(catalog),
  );
  while (await migrateOnce(catalog, migrations)) {
    // Until nothing is left to do.
  }
}

/**
 * The catalog's version: how many migrations it has seen, 0 for a new one. Throws {@link CatalogError} `catalog-too-new` if that
 * is more than there are.
 */
export async function catalogVersion(
  catalog: Catalog,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<number> {
  const tables = await sqlOf(catalog).introspection.getTables();
  if (!tables.some((table) => table.name === "catalog_versions")) return 0;
  return checkedVersion(catalog, migrations);
}

async function migrateOnce(catalog: Catalog, migrations: readonly Migration[]): Promise<boolean> {
  return inTransaction(catalog, {}, async (transaction) => {
    // Read inside the transaction: another process may have migrated meanwhile.
    const version = await checkedVersion(transaction, migrations);
    const migration = migrations[version];
    if (migration === undefined) return false;
    await migration.up(sqlOf(transaction));
    await sql`insert into catalog_versions (version, name, migrated_at) values (${version + 1}, ${migration.name}, ${Date.now()})`.execute(
      sqlOf(transaction),
    );
    return true;
  });
}

async function checkedVersion(catalog: Catalog, migrations: readonly Migration[]): Promise<number> {
  const { rows } = await sql<{
    version: unknown;
  }>`select max(version) as version from catalog_versions`.execute(sqlOf(catalog));
  const version = Number(rows[0]?.version ?? 0);
  if (version > migrations.length) {
    throw new CatalogError(
      "catalog-too-new",
      `the catalog has version ${version}, this release knows versions up to ${migrations.length}; start a release at least as new as the one that used it last`,
    );
  }
  return version;
}
