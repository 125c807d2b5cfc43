import type { Collection, Container, Entity, Image, ImageHash } from "@sifshelf/protocol";

import { isLibraryError, isNotFound, LibraryError } from "../errors/library-error.js";
import type { Connection, RequestOptions } from "../http/connection.js";
import { createCollection, getCollection } from "../operations/collections.js";
import { createContainer, getContainer } from "../operations/containers.js";
import { createEntity, getEntity } from "../operations/entities.js";
import { createImage, getImage } from "../operations/images.js";
import { refNames } from "../operations/names-and-ids.js";

/** Finds or creates the container that `path` names, and everything above it. */
export async function findOrCreateContainer(
  connection: Connection,
  path: string,
  { private: isPrivate, signal }: RequestOptions & { readonly private?: boolean | undefined },
): Promise<Container> {
  const [entityName = "", collectionName = "", name = ""] = refNames(path, 3);
  const options = { signal };
  const entity = await findOrCreate<Entity>(
    () => getEntity(connection, entityName, options),
    () => createEntity(connection, { name: entityName }, options),
  );
  const collection = await findOrCreate<Collection>(
    () => getCollection(connection, `${entityName}/${collectionName}`, options),
    () => createCollection(connection, { name: collectionName, entity: entity.id }, options),
  );
  const ref = `${entityName}/${collectionName}/${name}`;
  const wanted = { name, collection: collection.id, private: isPrivate };
  const container = await findOrCreate<Container>(
    () => getContainer(connection, ref, options),
    () => createContainer(connection, wanted, options),
  );
  if (isPrivate === true && !container.private) throw notPrivate(ref);
  return container;
}

/** What is pushed: bytes with this hash, for this arch, into this container. */
export interface PushedImage {
  readonly path: string;
  readonly container: Container;
  readonly hash: ImageHash;
  readonly arch: string;
  readonly description?: string | undefined;
}

/** Finds or creates the record of the image. */
export async function findOrCreateImage(
  connection: Connection,
  { path, container, hash, arch, description }: PushedImage,
  options: RequestOptions,
): Promise<Image> {
  const image = await findOrCreate<Image>(
    () => getImage(connection, `${path}:${hash}`, { ...options, arch }),
    () => createImage(connection, { hash, description, container: container.id }, options),
    // The lookup by arch misses an image whose arch the library knows differently.
    () => getImage(connection, `${path}:${hash}`, options),
  );
  if (image.hash === "" || image.hash === hash) return image;
  throw new LibraryError(
    "protocol",
    `push ${path}: the library returned an image other than ${hash}`,
    { expected: hash, actual: image.hash },
  );
}

/** Two clients may create the same thing at once: the second one finds it. */
async function findOrCreate<T>(
  find: () => Promise<T>,
  create: () => Promise<T>,
  findAgain: () => Promise<T> = find,
): Promise<T> {
  try {
    return await find();
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
  try {
    return await create();
  } catch (error) {
    if (!isLibraryError(error) || error.code !== "conflict") throw error;
    return findAgain();
  }
}

function notPrivate(ref: string): LibraryError {
  return new LibraryError(
    "conflict",
    `push ${ref}: the container is public, but the push requires a private one; nothing was sent`,
  );
}
