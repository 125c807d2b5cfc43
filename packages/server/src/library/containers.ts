import type { Container, CreateContainerRequest } from "@sifshelf/protocol";

import type { Principal, UserPrincipal } from "../access/principal.js";
import { findCollectionById } from "../catalog/collections.js";
import { containerSize, findContainer, insertContainerIfAbsent } from "../catalog/containers.js";
import { listImageIds } from "../catalog/images.js";
import type { ContainerRecord } from "../catalog/records.js";
import { listTags } from "../catalog/tags.js";
import { checkDescription, checkName } from "./checked-input.js";
import type { Library } from "./library.js";
import { containerModel } from "./models.js";
import { requireChangeable, requireVisible } from "../access/permissions.js";

/** The container of that name; throws `not-found` also when it is hidden from the principal. */
export async function getContainer(
  library: Library,
  principal: Principal,
  names: { readonly entity: string; readonly collection: string; readonly container: string },
): Promise<Container> {
  const record = await findContainer(
    library.catalog,
    checkName("entity", names.entity),
    checkName("collection", names.collection),
    checkName("container", names.container),
  );
  return describeContainer(library, requireVisible(principal, record));
}

/**
 * Creates the container in a collection that the principal may change, or returns the one of that name.
 *
 * @throws Fault `not-found` or `forbidden` for the collection.
 */
export async function createContainer(
  library: Library,
  principal: UserPrincipal,
  request: CreateContainerRequest,
): Promise<Container> {
  const name = checkName("container", request.name);
  const description = checkDescription(request.description);
  const found = await findCollectionById(library.catalog, request.collection);
  const collection = requireChangeable(principal, found);
  const record = await insertContainerIfAbsent(library.catalog, {
    collectionId: collection.id,
    name,
    description,
    isPrivate: request.private,
    createdBy: principal.userName,
    nowMs: library.now(),
  });
  return describeContainer(library, record);
}

/** The container with its images and tags. */
export async function describeContainer(
  library: Library,
  record: ContainerRecord,
): Promise<Container> {
  const [images, tags, size] = await Promise.all([
    listImageIds(library.catalog, record.id),
    listTags(library.catalog, record.id),
    containerSize(library.catalog, record.id),
  ]);
  return containerModel(record, { images, tags, size });
}
