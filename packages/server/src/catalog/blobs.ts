import { type Digest, parseDigest } from "@sifshelf/protocol";
import { type SqlBool, sql } from "kysely";

import type { Catalog } from "./catalog.js";
import { changeRows, firstRow, prepare } from "./session/prepared.js";
import { sqlOf } from "./sql.js";

/** Stored bytes that images refer to. */
export interface BlobRecord {
  readonly digest: Digest;
  readonly sizeBytes: number;
  readonly createdAtMs: number;
}

// The update changes nothing, but locks the row: nobody can collect the blob before the transaction
// that publishes it has ended, and the publisher waits for one that is collecting it.
const INSERT = prepare((db, blob: { digest: string; size: number; createdAt: number }) =>
  db
    .insertInto("blobs")
    .values({ digest: blob.digest, size: blob.size, created_at: blob.createdAt })
    .onConflict((conflict) =>
      conflict.column("digest").doUpdateSet((eb) => ({ created_at: eb.ref("blobs.created_at") })),
    ),
);

/** Records a blob; one that is recorded already stays as it is. */
export async function insertBlobIfAbsent(catalog: Catalog, blob: BlobRecord): Promise<void> {
  const { digest, sizeBytes: size, createdAtMs: createdAt } = blob;
  await changeRows(catalog, INSERT, { digest, size, createdAt });
}

const BY_DIGEST = prepare((db, { digest }: { digest: string }) =>
  db.selectFrom("blobs").selectAll().where("digest", "=", digest),
);

/** The blob of that digest. */
export async function findBlob(catalog: Catalog, digest: Digest): Promise<BlobRecord | undefined> {
  const row = await firstRow(catalog, BY_DIGEST, { digest });
  return (
    row && { digest: parseDigest(row.digest), sizeBytes: row.size, createdAtMs: row.created_at }
  );
}

/** Forgets a blob that no image refers to. False if an image does, or the blob is not recorded. */
export async function deleteBlobIfUnreferenced(catalog: Catalog, digest: Digest): Promise<boolean> {
  const result = await sqlOf(catalog)
    .deleteFrom("blobs")
    .where("digest", "=", digest)
    .where(IS_UNREFERENCED)
    .executeTakeFirst();
  return result.numDeletedRows > 0n;
}

/** A blob, and who needs what of it. */
export interface BlobState {
  readonly digest: Digest;
  readonly createdAtMs: number;
  readonly isReferenced: boolean;
  readonly isInspected: boolean;
}

/** Up to `limit` blobs in the order of their digests; `after` is the last of the page before. */
export async function listBlobStates(
  catalog: Catalog,
  { after = "", limit }: { readonly after?: string | undefined; readonly limit: number },
): Promise<BlobState[]> {
  const rows = await sqlOf(catalog)
    .selectFrom("blobs")
    .select([
      "digest",
      "created_at",
      sql<number>`case when ${IS_UNREFERENCED} then 0 else 1 end`.as("referenced"),
      sql<number>`case when ${IS_INSPECTED} then 1 else 0 end`.as("inspected"),
    ])
    .where("digest", ">", after)
    .orderBy("digest")
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    digest: parseDigest(row.digest),
    createdAtMs: row.created_at,
    isReferenced: row.referenced === 1,
    isInspected: row.inspected === 1,
  }));
}

/** Those of `digests` that are noted. */
export async function findKnownBlobs(
  catalog: Catalog,
  digests: readonly Digest[],
): Promise<Set<Digest>> {
  if (digests.length === 0) return new Set();
  const rows = await sqlOf(catalog)
    .selectFrom("blobs")
    .select("digest")
    .where("digest", "in", [...digests])
    .execute();
  return new Set(rows.map((row) => parseDigest(row.digest)));
}

const IS_UNREFERENCED = sql<SqlBool>`not exists (select 1 from images where images.blob_digest = blobs.digest)`;
const IS_INSPECTED = sql<SqlBool>`exists (select 1 from inspections where inspections.digest = blobs.digest)`;
