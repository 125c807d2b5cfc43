import type { Container, CreateContainerRequest } from "@sifshelf/protocol";

import { requireChangeable, requireVisible } from "../access/permissions.js";
import type { Principal, UserPrincipal } from "../access/principal.js";
import { findCollectionById } from "../catalog/collections.js";
import {
  findContainerWithContents,
  insertContainerIfAbsent,
  listContainerContents,
} from "../catalog/containers.js";
import type { ContainerRecord } from "../catalog/records.js";
import { readLong } from "../catalog/session/long-reads.js";
import { checkDescription, checkName } from "./checked-input.js";
import type { Library } from "./library.js";
import { containerModel } from "./models.js";
import type { Sent } from "./sent.js";

/**
 * The container of that name.
 *
 * @throws Fault `not-found`, also when it is hidden from the principal.
 */
export async function getContainer(
  library: Pick<Library, "catalog">,
  principal: Principal,
  names: { readonly entity: string; readonly collection: string; readonly container: string },
): Promise<Sent<Container>> {
  const found = await findContainerWithContents(library.catalog, {
    entity: checkName("entity", names.entity),
    collection: checkName("collection", names.collection),
    name: checkName("container", names.container),
  });
  const record = requireVisible(principal, found?.container);
  if (found?.contents !== undefined) return containerModel(record, found.contents);
  return readLong(library.catalog, (catalog) => describeContainer({ catalog }, record));
}

/**
 * Creates the container in a collection that the principal may change, or returns the one of that
 * name.
 *
 * @throws Fault `not-found` or `forbidden` for the collection.
 */
export async function createContainer(
  library: Library,
  principal: UserPrincipal,
  request: CreateContainerRequest,
): Promise<Sent<Container>> {
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

/** The containers as they go over the wire, with their images and tags; one query. */
export async function describeContainers(
  { catalog }: Pick<Library, "catalog">,
  records: readonly ContainerRecord[],
): Promise<Sent<Container>[]> {
  const ids = records.map(({ id }) => id);
  const contents = await listContainerContents(catalog, ids);
  return records.map((record) => containerModel(record, contents.get(record.id)));
}

/** The container as {@link describeContainers} does it. */
export async function describeContainer(
  { catalog }: Pick<Library, "catalog">,
  record: ContainerRecord,
): Promise<Sent<Container>> {
  const contents = await listContainerContents(catalog, [record.id]);
  return containerModel(record, contents.get(record.id));
}
