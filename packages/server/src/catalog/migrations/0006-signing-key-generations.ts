import { sql } from "kysely";

import type { Migration } from "./migration.js";

/**
 * Signing keys get numbers, so that of two processes only one can create the first; and the lists
 * of what is in a container or collection get indexes that hold all they need.
 */
export const signingKeyGenerations: Migration = {
  name: "signing key generations",
  // Older releases leave the number of their first key empty, and read keys by id.
  needs: 3,
  async up(transaction) {
    await transaction.schema.alterTable("signing_keys").addColumn("generation", "bigint").execute();
    await sql`
      update signing_keys set generation =
        (select count(*) from signing_keys as earlier where earlier.id <= signing_keys.id)`.execute(
      transaction,
    );
    await transaction.schema
      .createIndex("signing_keys_by_generation")
      .on("signing_keys")
      .column("generation")
      .unique()
      .execute();
    await transaction.schema
      .createIndex("images_by_container")
      .on("images")
      .columns(["container_id", "uploaded", "id", "size"])
      .execute();
    // With the columns of the one before, so that the lookup by UUID does not walk the container's.
    await transaction.schema.dropIndex("images_by_sif_id").execute();
    await transaction.schema
      .createIndex("images_by_sif_id")
      .on("images")
      .columns(["container_id", "sif_id", "uploaded", "id"])
      .execute();
    await transaction.schema
      .createIndex("containers_by_collection")
      .on("containers")
      .columns(["collection_id", "id", "private"])
      .execute();
  },
};
