import type { Collection, CreateCollectionRequest } from "@sifshelf/protocol";

import { requireChangeable, requireVisible } from "../access/permissions.js";
import { type Principal, type UserPrincipal, viewerOf } from "../access/principal.js";
import type { Viewer } from "../access/viewer.js";
import {
  findCollection,
  insertCollectionIfAbsent,
  listCollectionContents,
} from "../catalog/collections.js";
import { findEntityById } from "../catalog/entities.js";
import { readContents } from "../catalog/read-contents.js";
import type { CollectionRecord } from "../catalog/records.js";
import { checkDescription, checkName } from "./checked-input.js";
import type { Library } from "./library.js";
import { collectionModel } from "./models.js";
import type { Sent } from "./sent.js";

/**
 * The collection of that name.
 *
 * @throws Fault `not-found`, also when it is hidden from the principal.
 */
export async function getCollection(
  library: Pick<Library, "catalog">,
  principal: Principal,
  names: { readonly entity: string; readonly collection: string },
): Promise<Sent<Collection>> {
  const found = await findCollection(
    library.catalog,
    checkName("entity", names.entity),
    checkName("collection", names.collection),
  );
  return describeCollection(library, viewerOf(principal), requireVisible(principal, found));
}

/**
 * Creates the collection in an entity that the principal may change, or returns the one of that
 * name. It is private if the request or the entity's `defaultPrivate` says so.
 *
 * @throws Fault `not-found` or `forbidden` for the entity.
 */
export async function createCollection(
  library: Library,
  principal: UserPrincipal,
  request: CreateCollectionRequest,
): Promise<Sent<Collection>> {
  const name = checkName("collection", request.name);
  const description = checkDescription(request.description);
  const entity = requireChangeable(
    principal,
    await findEntityById(library.catalog, request.entity),
  );
  const record = await insertCollectionIfAbsent(library.catalog, {
    entityId: entity.id,
    name,
    description,
    isPrivate: request.private || entity.defaultPrivate,
    createdBy: principal.userName,
    nowMs: library.now(),
  });
  return describeCollection(library, viewerOf(principal), record);
}

/**
 * The collections as they go over the wire, with what is in them that the viewer may see; one
 * query.
 */
export async function describeCollections(
  { catalog }: Pick<Library, "catalog">,
  viewer: Viewer,
  records: readonly CollectionRecord[],
): Promise<Sent<Collection>[]> {
  const ids = records.map(({ id }) => id);
  const contents = await listCollectionContents(catalog, ids, viewer);
  return records.map((record) => collectionModel(record, contents.get(record.id)));
}

/** The collection as {@link describeCollections} does it. */
export async function describeCollection(
  { catalog }: Pick<Library, "catalog">,
  viewer: Viewer,
  record: CollectionRecord,
): Promise<Sent<Collection>> {
  const contents = await readContents(catalog, { collectionId: record.id }, (reader) =>
    listCollectionContents(reader, [record.id], viewer),
  );
  return collectionModel(record, contents.get(record.id));
}
