import type { Collection, CreateCollectionRequest } from "@sifshelf/protocol";

import { type Principal, type UserPrincipal, viewerOf } from "../access/principal.js";
import {
  collectionSize,
  findCollection,
  insertCollectionIfAbsent,
} from "../catalog/collections.js";
import { listContainerIds } from "../catalog/containers.js";
import { findEntityById } from "../catalog/entities.js";
import type { CollectionRecord, Viewer } from "../catalog/records.js";
import { checkDescription, checkName } from "./checked-input.js";
import type { Library } from "./library.js";
import { collectionModel } from "./models.js";
import { requireChangeable, requireVisible } from "../access/permissions.js";

/** The collection of that name; throws `not-found` also when it is hidden from the principal. */
export async function getCollection(
  library: Library,
  principal: Principal,
  names: { readonly entity: string; readonly collection: string },
): Promise<Collection> {
  const record = await findCollection(
    library.catalog,
    checkName("entity", names.entity),
    checkName("collection", names.collection),
  );
  return describeCollection(library, viewerOf(principal), requireVisible(principal, record));
}

/**
 * Creates the collection in an entity that the principal may change, or returns the one of that name. It is private if the
 * request or the entity's `defaultPrivate` says so.
 *
 * @throws Fault `not-found` or `forbidden` for the entity.
 */
export async function createCollection(
  library: Library,
  principal: UserPrincipal,
  request: CreateCollectionRequest,
): Promise<Collection> {
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

/** The collection with what is in it that the viewer may see. */
export async function describeCollection(
  library: Library,
  viewer: Viewer,
  record: CollectionRecord,
): Promise<Collection> {
  const [containers, size] = await Promise.all([
    listContainerIds(library.catalog, record.id, viewer),
    collectionSize(library.catalog, record.id, viewer),
  ]);
  return collectionModel(record, { containers, size });
}
