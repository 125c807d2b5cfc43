import { type Container, ContainerResponseSchema, decode } from "@sifshelf/protocol";

import type { Connection, RequestOptions } from "../http/connection.js";
import { requestJson } from "../http/request-json.js";
import { DEFAULT_DESCRIPTION } from "./entities.js";
import { checkId, refNames, withId } from "./names-and-ids.js";

/** The fields of a new container. */
export interface NewContainer {
  readonly name: string;
  /** Id of the collection. */
  readonly collection: string;
  /** Default {@link DEFAULT_DESCRIPTION}. */
  readonly description?: string | undefined;
  /** Default: as the collection says. `true` is an extension that other libraries may ignore. */
  readonly private?: boolean | undefined;
}

/**
 * Returns the container that `ref`, `entity/collection/container`, names.
 *
 * @throws LibraryError `not-found`; RefError.
 */
export async function getContainer(
  connection: Connection,
  ref: string,
  { signal }: RequestOptions = {},
): Promise<Container> {
  const [entity = "", collection = "", container = ""] = refNames(ref, 3);
  const params = { entity, collection, container };
  return requestJson(connection, { route: "getContainer", params, signal }, readContainer);
}

/** Creates a container. Some libraries return an existing one, others reject with `conflict`. */
export async function createContainer(
  connection: Connection,
  container: NewContainer,
  { signal }: RequestOptions = {},
): Promise<Container> {
  refNames(container.name, 1);
  checkId(container.collection, "collection");
  const {
    name,
    collection,
    description = DEFAULT_DESCRIPTION,
    private: isPrivate = false,
  } = container;
  const json = { name, description, collection, private: isPrivate };
  const call = { route: "createContainer", params: {}, json, signal } as const;
  return requestJson(connection, call, readContainer);
}

function readContainer(json: unknown): Container {
  return withId(decode(ContainerResponseSchema, json, "container").data, "container");
}
