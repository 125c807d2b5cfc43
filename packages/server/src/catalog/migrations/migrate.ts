import { sql } from "kysely";

import { type Catalog, inTransaction, lockMigrations } from "../catalog.js";
import { CatalogError } from "../catalog-error.js";
import { MIGRATIONS } from "./all.js";
import type { Migration } from "./migration.js";
import { sqlOf } from "../sql.js";

/**
 * Brings a catalog to the newest of `migrations`, each in its own transaction, so a failed one
 * changes nothing. A new catalog gets all of them in one transaction: a process that opens it
 * meanwhile finds it empty or complete, never old. Two processes may migrate at once. A newer
 * catalog stays as it is.
 *
 * @throws CatalogError `catalog-too-new` if the catalog needs a later release.
 */
export async function migrateCatalog(
  catalog: Catalog,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<void> {
  let version = await catalogVersion(catalog, migrations);
  while (version < migrations.length) version = await migrateOnce(catalog, migrations);
}

/**
 * The catalog's version: how many migrations it has seen, 0 for a new one. It may be higher than
 * this release knows, if the migrations beyond do not keep this release from running.
 *
 * @throws CatalogError `catalog-too-new` if the catalog needs a later release.
 */
export async function catalogVersion(
  catalog: Catalog,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<number> {
  const state = await readState(catalog);
  if (state.needs > migrations.length) {
    throw new CatalogError(
      "catalog-too-new",
      `the catalog has version ${state.version} and needs a release that knows version ${state.needs}, this release knows versions up to ${migrations.length}; start a release at least as new as the one that used it last`,
    );
  }
  return state.version;
}

/** Takes the next step, unless another process has taken the last; returns the version then. */
async function migrateOnce(catalog: Catalog, migrations: readonly Migration[]): Promise<number> {
  return inTransaction(catalog, {}, async (transaction) => {
    await lockMigrations(transaction);
    // Read under the lock: another process may have migrated meanwhile.
    const version = await catalogVersion(transaction, migrations);
    const end = version === 0 ? migrations.length : version + 1;
    for (const migration of migrations.slice(version, end)) {
      await applyMigration(transaction, migration, migrations.indexOf(migration) + 1);
    }
    return Math.max(version, end);
  });
}

async function applyMigration(
  transaction: Catalog,
  { name, up, needs }: Migration,
  version: number,
): Promise<void> {
  await prepareVersions(transaction);
  await up(sqlOf(transaction));
  await sql`
    insert into catalog_versions (version, name, migrated_at, needs)
    values (${version}, ${name}, ${Date.now()}, ${needs ?? version})`.execute(sqlOf(transaction));
}

interface CatalogState {
  readonly version: number;
  /** The oldest version that a release must know to run against the catalog. */
  readonly needs: number;
}

async function readState(catalog: Catalog): Promise<CatalogState> {
  const columns = await versionColumns(catalog);
  if (columns === undefined) return { version: 0, needs: 0 };
  // Releases before the column refused every newer catalog.
  const needs = columns.has("needs") ? sql`coalesce(needs, version)` : sql`version`;
  const { rows } = await sql<{ version: unknown; needs: unknown }>`
    select max(version) as version, max(${needs}) as needs from catalog_versions`.execute(
    sqlOf(catalog),
  );
  return { version: Number(rows[0]?.version ?? 0), needs: Number(rows[0]?.needs ?? 0) };
}

async function prepareVersions(transaction: Catalog): Promise<void> {
  const columns = await versionColumns(transaction);
  if (columns?.has("needs") === true) return;
  const statement =
    columns === undefined
      ? sql`create table catalog_versions (version bigint primary key, name text not null, migrated_at bigint not null, needs bigint)`
      : sql`alter table catalog_versions add column needs bigint`;
  await statement.execute(sqlOf(transaction));
}

/** Names of the columns of `catalog_versions`; undefined if there is no such table. */
async function versionColumns(catalog: Catalog): Promise<ReadonlySet<string> | undefined> {
  const tables = await sqlOf(catalog).introspection.getTables();
  const columns = tables.find(({ name }) => name === "catalog_versions")?.columns;
  return columns && new Set(columns.map(({ name }) => name));
}
