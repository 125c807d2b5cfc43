import { type Collection, CollectionResponseSchema, decode } from "@sifshelf/protocol";

import type { Connection, RequestOptions } from "../http/connection.js";
import { requestJson } from "../http/request-json.js";
import { DEFAULT_DESCRIPTION } from "./entities.js";
import { checkId, refNames, withId } from "./names-and-ids.js";

/** The fields of a new collection. */
export interface NewCollection {
  readonly name: string;
  /** Id of the entity. */
  readonly entity: string;
  /** Default {@link DEFAULT_DESCRIPTION}. */
  readonly description?: string | undefined;
  /** Default: as the entity says. `true` is an extension that other libraries may ignore. */
  readonly private?: boolean | undefined;
}

/**
 * Returns the collection that `ref`, `entity/collection`, names.
 *
 * @throws LibraryError `not-found`; RefError.
 */
export async function getCollection(
  connection: Connection,
  ref: string,
  { signal }: RequestOptions = {},
): Promise<Collection> {
  const [entity = "", collection = ""] = refNames(ref, 2);
  const params = { entity, collection };
  return requestJson(connection, { route: "getCollection", params, signal }, readCollection);
}

/** Creates a collection. Some libraries return an existing one, others reject with `conflict`. */
export async function createCollection(
  connection: Connection,
  collection: NewCollection,
  { signal }: RequestOptions = {},
): Promise<Collection> {
  refNames(collection.name, 1);
  checkId(collection.entity, "entity");
  const {
    name,
    entity,
    description = DEFAULT_DESCRIPTION,
    private: isPrivate = false,
  } = collection;
  const json = { name, description, entity, private: isPrivate };
  const call = { route: "createCollection", params: {}, json, signal } as const;
  return requestJson(connection, call, readCollection);
}

function readCollection(json: unknown): Collection {
  return withId(decode(CollectionResponseSchema, json, "collection").data, "collection");
}
