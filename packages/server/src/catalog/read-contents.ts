import type { Catalog } from "./catalog.js";
import { readLong } from "./session/long-reads.js";
import { firstRow, prepare } from "./session/prepared.js";

/** Rows that the contents of one object may take in the main thread: some milliseconds of work. */
export const MAX_CONTENT_ROWS = 5000;

/** What contents are read of. */
export type ContentsOwner = { readonly entityId: string } | { readonly collectionId: string };

const MANY_IN_ENTITY = prepare((db, { id }: { id: string }) =>
  db
    .selectFrom("collections")
    .innerJoin("containers", "containers.collection_id", "collections.id")
    .leftJoin("images", "images.container_id", "containers.id")
    .select("containers.id")
    .where("collections.entity_id", "=", id)
    .limit(1)
    .offset(MAX_CONTENT_ROWS),
);

const MANY_IN_COLLECTION = prepare((db, { id }: { id: string }) =>
  db
    .selectFrom("containers")
    .leftJoin("images", "images.container_id", "containers.id")
    .select("containers.id")
    .where("containers.collection_id", "=", id)
    .limit(1)
    .offset(MAX_CONTENT_ROWS),
);

/**
 * Runs `read`, which lists or sums what is in the owner: in this thread if that is little, and as a
 * long read if it is much, so that a large entity does not hold up the requests of others.
 *
 * @throws what {@link readLong} throws.
 */
export async function readContents<T>(
  catalog: Catalog,
  owner: ContentsOwner,
  read: (catalog: Catalog) => Promise<T>,
): Promise<T> {
  return (await hasMany(catalog, owner)) ? readLong(catalog, read) : read(catalog);
}

async function hasMany(catalog: Catalog, owner: ContentsOwner): Promise<boolean> {
  if ("entityId" in owner) {
    return (await firstRow(catalog, MANY_IN_ENTITY, { id: owner.entityId })) !== undefined;
  }
  return (await firstRow(catalog, MANY_IN_COLLECTION, { id: owner.collectionId })) !== undefined;
}
