import type { Catalog } from "./catalog.js";
import { sqlOf } from "./sql.js";

/** Resolves if the catalog can be read; otherwise rejects with the reason. */
export async function pingCatalog(catalog: Catalog): Promise<void> {
  await sqlOf(catalog).selectFrom("signing_keys").select("id").limit(1).execute();
}
