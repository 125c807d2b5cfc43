import type { Catalog } from "./catalog.js";
import { sqlOf } from "./sql.js";

/** Resolves if the catalog can be read; rejects with the reason if it cannot. */
export async function pingCatalog(catalog: Catalog): Promise<void> {
  await sqlOf(catalog).selectFrom("signing_keys").select("id").limit(1).execute();
}
