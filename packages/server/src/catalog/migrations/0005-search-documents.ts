import { sql } from "kysely";

import type { Db } from "../sql.js";
import type { Migration } from "./migration.js";

/**
 * The documents that searches look at, and their index. It is empty: things that are there already
 * get their documents afterwards, in batches.
 */
export const searchDocuments: Migration = {
  name: "search documents",
  async up(transaction) {
    await createDocuments(transaction);
    await createIndexes(transaction);
    await createFill(transaction);
  },
};

async function createDocuments(db: Db): Promise<void> {
  await db.schema
    .createTable("search_documents")
    .addColumn("seq", "integer", (column) => column.primaryKey())
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("id", "text", (column) => column.notNull().unique())
    .addColumn("scope", "bigint", (column) => column.notNull())
    .addColumn("arch", "text", (column) => column.notNull())
    .addColumn("signed", "smallint", (column) => column.notNull())
    .addColumn("text", "text", (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex("search_documents_by_scope")
    .on("search_documents")
    .columns(["scope", "seq"])
    .execute();
}

async function createIndexes(db: Db): Promise<void> {
  // `detail=none` keeps which documents have a trigram, and nothing else: a quarter of the size.
  await sql`
    create virtual table search_index using fts5(
      text, filters, content='', contentless_delete=1, detail=none,
      tokenize='trigram case_sensitive 1')`.execute(db);
  // Two segments of a size are merged when the index is tidied, not only four.
  await sql`insert into search_index (search_index, rank) values ('usermerge', 2)`.execute(db);
  await db.schema
    .createIndex("images_by_hash_alone")
    .on("images")
    .columns(["hash", "id"])
    .execute();
  // The tags of an image that were set last are read first.
  await db.schema.dropIndex("tags_by_image").execute();
  await db.schema
    .createIndex("tags_by_image")
    .on("tags")
    .columns(["image_id", "updated_at", "name"])
    .execute();
}

/** One row while things without a document may be left: all with an id below `before_id`. */
async function createFill(db: Db): Promise<void> {
  await db.schema
    .createTable("search_fill")
    .addColumn("before_id", "text", (column) => column.notNull())
    .execute();
  // Above every id, which is hexadecimal. Nothing is older than the first entity.
  await sql`insert into search_fill (before_id) select 'g' where exists (select 1 from entities)`.execute(
    db,
  );
}
