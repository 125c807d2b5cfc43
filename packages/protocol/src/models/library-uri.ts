import type { Collection } from "./collection.js";
import type { Container } from "./container.js";
import type { Entity } from "./entity.js";
import { LIBRARY_PREFIX } from "../refs/library-ref.js";

/** The `library://` URI of an entity, a collection or a container (Go: `LibraryURI`). */
export function libraryUri(
  model:
    | Pick<Entity, "name">
    | Pick<Collection, "name" | "entityName">
    | Pick<Container, "name" | "entityName" | "collectionName">,
): string {
  const entityName = "entityName" in model ? model.entityName : undefined;
  const collectionName = "collectionName" in model ? model.collectionName : undefined;
  const parts = [entityName, collectionName, model.name];
  return `${LIBRARY_PREFIX}${parts.filter((part) => part !== undefined).join("/")}`;
}
