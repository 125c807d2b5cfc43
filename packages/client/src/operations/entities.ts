import { decode, type Entity, EntityResponseSchema } from "@sifshelf/protocol";

import type { Connection, RequestOptions } from "../http/connection.js";
import { requestJson } from "../http/request-json.js";
import { refNames, withId } from "./names-and-ids.js";

/** Description of things created without one, as Go clients send it: `No description`. */
export const DEFAULT_DESCRIPTION = "No description";

/** The fields of a new entity. */
export interface NewEntity {
  readonly name: string;
  /** Default {@link DEFAULT_DESCRIPTION}. */
  readonly description?: string | undefined;
  /** Whether later collections of the entity start private. Default: false. */
  readonly defaultPrivate?: boolean | undefined;
}

/** Returns the entity with this name. @throws LibraryError `not-found`; RefError. */
export async function getEntity(
  connection: Connection,
  ref: string,
  { signal }: RequestOptions = {},
): Promise<Entity> {
  const [entity = ""] = refNames(ref, 1);
  return requestJson(connection, { route: "getEntity", params: { entity }, signal }, readEntity);
}

/** Creates an entity. Some libraries return an existing one, others reject with `conflict`. */
export async function createEntity(
  connection: Connection,
  { name, description = DEFAULT_DESCRIPTION, defaultPrivate = false }: NewEntity,
  { signal }: RequestOptions = {},
): Promise<Entity> {
  refNames(name, 1);
  const json = { name, description, defaultPrivate };
  return requestJson(connection, { route: "createEntity", params: {}, json, signal }, readEntity);
}

function readEntity(json: unknown): Entity {
  return withId(decode(EntityResponseSchema, json, "entity").data, "entity");
}
