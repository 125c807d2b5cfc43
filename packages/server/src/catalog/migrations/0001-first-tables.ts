import { type CreateTableBuilder, sql } from "kysely";

import type { Db } from "../sql.js";
import type { Migration } from "./migration.js";

/** Users, tokens, what a ref leads to, tags, uploads, blobs and signing keys. */
export const firstTables: Migration = {
  name: "first tables",
  async up(transaction) {
    await createUsers(transaction);
    await createLibrary(transaction);
    await createImages(transaction);
    await createUploads(transaction);
  },
};

async function createUsers(db: Db): Promise<void> {
  await db.schema
    .createTable("users")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("name", "text", (column) => column.notNull().unique())
    .addColumn("is_admin", "smallint", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("tokens")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("user_id", "text", (column) =>
      column.notNull().references("users.id").onDelete("cascade"),
    )
    .addColumn("hash", "text", (column) => column.notNull().unique())
    .addColumn("label", "text", (column) => column.notNull())
    .addColumn("scope", "text", (column) =>
      column.notNull().check(sql`scope in ('read', 'write', 'admin')`),
    )
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("expires_at", "bigint")
    .addColumn("revoked_at", "bigint")
    .execute();
  await db.schema.createIndex("tokens_by_user").on("tokens").column("user_id").execute();
  await db.schema
    .createTable("signing_keys")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("secret", "text", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .execute();
}

async function createLibrary(db: Db): Promise<void> {
  await withAudit(db.schema.createTable("entities"))
    .addColumn("name", "text", (column) => column.notNull().unique())
    .addColumn("description", "text", (column) => column.notNull())
    .addColumn("owner_id", "text", (column) => column.notNull().references("users.id"))
    .addColumn("quota_bytes", "bigint", (column) => column.notNull())
    .addColumn("default_private", "smallint", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("entities_by_owner").on("entities").column("owner_id").execute();
  await withAudit(db.schema.createTable("collections"))
    .addColumn("entity_id", "text", (column) => column.notNull().references("entities.id"))
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("description", "text", (column) => column.notNull())
    .addColumn("private", "smallint", (column) => column.notNull())
    .addUniqueConstraint("collections_by_name", ["entity_id", "name"])
    .execute();
  await withAudit(db.schema.createTable("containers"))
    .addColumn("collection_id", "text", (column) => column.notNull().references("collections.id"))
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("description", "text", (column) => column.notNull())
    .addColumn("full_description", "text", (column) => column.notNull())
    .addColumn("private", "smallint", (column) => column.notNull())
    .addColumn("read_only", "smallint", (column) => column.notNull())
    .addColumn("download_count", "bigint", (column) => column.notNull())
    .addColumn("stars", "bigint", (column) => column.notNull())
    .addUniqueConstraint("containers_by_name", ["collection_id", "name"])
    .execute();
}

async function createImages(db: Db): Promise<void> {
  await db.schema
    .createTable("blobs")
    .addColumn("digest", "text", (column) => column.primaryKey())
    .addColumn("size", "bigint", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .execute();
  await withAudit(db.schema.createTable("images"))
    .addColumn("container_id", "text", (column) => column.notNull().references("containers.id"))
    .addColumn("hash", "text", (column) => column.notNull())
    .addColumn("description", "text", (column) => column.notNull())
    .addColumn("size", "bigint", (column) => column.notNull())
    .addColumn("uploaded", "smallint", (column) => column.notNull())
    .addColumn("blob_digest", "text", (column) => column.references("blobs.digest"))
    .addColumn("arch", "text")
    .addColumn("signed", "smallint")
    .addColumn("encrypted", "smallint")
    .addColumn("fingerprints", "text", (column) => column.notNull())
    .addColumn("sif_id", "text")
    .addUniqueConstraint("images_by_hash", ["container_id", "hash"])
    .addCheckConstraint("images_have_bytes", sql`uploaded = 0 or blob_digest is not null`)
    .execute();
  await db.schema.createIndex("images_by_blob").on("images").column("blob_digest").execute();
  await db.schema
    .createIndex("images_by_sif_id")
    .on("images")
    .columns(["container_id", "sif_id"])
    .execute();
  await db.schema
    .createTable("tags")
    .addColumn("container_id", "text", (column) => column.notNull().references("containers.id"))
    .addColumn("arch", "text", (column) => column.notNull())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("image_id", "text", (column) =>
      column.notNull().references("images.id").onDelete("cascade"),
    )
    .addColumn("updated_by", "text", (column) => column.notNull())
    .addColumn("updated_at", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("tags_by_name", ["container_id", "arch", "name"])
    .execute();
  await db.schema.createIndex("tags_by_image").on("tags").column("image_id").execute();
}

async function createUploads(db: Db): Promise<void> {
  await db.schema
    .createTable("uploads")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("image_id", "text", (column) =>
      column.notNull().references("images.id").onDelete("cascade"),
    )
    .addColumn("user_id", "text", (column) => column.notNull().references("users.id"))
    .addColumn("kind", "text", (column) =>
      column.notNull().check(sql`kind in ('single', 'multipart')`),
    )
    .addColumn("size", "bigint", (column) => column.notNull())
    .addColumn("md5", "text")
    .addColumn("part_size", "bigint", (column) => column.notNull())
    .addColumn("total_parts", "bigint", (column) => column.notNull())
    .addColumn("state", "text", (column) =>
      column.notNull().check(sql`state in ('open', 'completed', 'aborted')`),
    )
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("expires_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("uploads_by_image").on("uploads").column("image_id").execute();
  await db.schema
    .createIndex("uploads_by_expiry")
    .on("uploads")
    .columns(["state", "expires_at"])
    .execute();
  await db.schema
    .createTable("upload_parts")
    .addColumn("upload_id", "text", (column) =>
      column.notNull().references("uploads.id").onDelete("cascade"),
    )
    .addColumn("part_number", "bigint", (column) => column.notNull())
    .addColumn("size", "bigint", (column) => column.notNull())
    .addColumn("sha256", "text", (column) => column.notNull())
    .addColumn("received_at", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("upload_parts_by_number", ["upload_id", "part_number"])
    .execute();
}

function withAudit<Table extends string>(table: CreateTableBuilder<Table>) {
  return table
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("custom_data", "text", (column) => column.notNull())
    .addColumn("created_by", "text", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("updated_by", "text")
    .addColumn("updated_at", "bigint");
}
