import { type Digest, parseDigest } from "@sifshelf/protocol";
import { type SqlBool, sql } from "kysely";

import type { Catalog } from "./catalog.js";
import { sqlOf } from "./sql.js";

/** Stored bytes that images refer to. */
export interface BlobRecord {
  readonly digest: Digest;
  readonly sizeBytes: number;
  readonly createdAtMs: number;
}

/** Notes a blob; one that is noted already stays as it is. */
export async function insertBlobIfAbsent(catalog: Catalog, blob: BlobRecord): Promise<void> {
  await sqlOf(catalog)
    .insertInto("blobs")
    .values({ digest: blob.digest, size: blob.sizeBytes, created_at: blob.createdAtMs })
    .onConflict((conflict) => conflict.column("digest").doNothing())
    .execute();
}

/** The blob of that digest. */
export async function findBlob(catalog: Catalog, digest: Digest): Promise<BlobRecord | undefined> {
  const row = await sqlOf(catalog)
    .selectFrom("blobs")
    .selectAll()
    .where("digest", "=", digest)
    .executeTakeFirst();
  return (
    row && { digest: parseDigest(row.digest), sizeBytes: row.size, createdAtMs: row.created_at }
  );
}

/** Forgets a blob that no image refers to. False if it is in use, or not noted at all. */
export async function deleteBlobIfUnreferenced(catalog: Catalog, digest: Digest): Promise<boolean> {
  const result = await sqlOf(catalog)
    .deleteFrom("blobs")
    .where("digest", "=", digest)
    .where(IS_UNREFERENCED)
    .executeTakeFirst();
  return result.numDeletedRows > 0n;
}

/** Digests of the blobs noted before `createdBeforeMs` that no image refers to. */
export async function listUnreferencedBlobs(
  catalog: Catalog,
  createdBeforeMs: number,
): Promise<Digest[]> {
  const rows = await sqlOf(catalog)
    .selectFrom("blobs")
    .select("digest")
    .where("created_at", "<", createdBeforeMs)
    .where(IS_UNREFERENCED)
    .orderBy("digest")
    .execute();
  return rows.map((row) => parseDigest(row.digest));
}

const IS_UNREFERENCED = sql<SqlBool>`not exists (select 1 from images where images.blob_digest = blobs.digest)`;
