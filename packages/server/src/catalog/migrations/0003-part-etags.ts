import type { Migration } from "./migration.js";

/** Parts of uploads may be summed by CRC-32 in place of SHA-256. */
export const partEtags: Migration = {
  name: "part etags",
  async up(transaction) {
    await transaction.schema.alterTable("upload_parts").renameColumn("sha256", "etag").execute();
  },
};
