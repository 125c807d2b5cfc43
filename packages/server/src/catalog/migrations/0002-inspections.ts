import type { Migration } from "./migration.js";

/** What inspection found in stored bytes. Blobs of before have none yet; upkeep inspects them. */
export const inspections: Migration = {
  name: "inspections",
  async up(transaction) {
    // The texts that are looked at most often stand before those that fill pages of their own.
    await transaction.schema
      .createTable("inspections")
      .addColumn("digest", "text", (column) =>
        column.primaryKey().references("blobs.digest").onDelete("cascade"),
      )
      .addColumn("inspected_at", "bigint", (column) => column.notNull())
      .addColumn("label_text", "text", (column) => column.notNull())
      .addColumn("labels", "text", (column) => column.notNull())
      .addColumn("contents", "text", (column) => column.notNull())
      .execute();
  },
};
