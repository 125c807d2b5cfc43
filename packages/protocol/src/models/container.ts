import { baseModelFields } from "./base-model.js";
import { count, envelope, flag, text, texts } from "../schema/fields.js";
import { ArchTagMapSchema, TagMapSchema } from "./tag.js";
import { objectSchema, optional, type Static, stringSchema } from "../schema/schema.js";

/** Schema of {@link Container}. */
export const ContainerSchema = objectSchema({
  ...baseModelFields,
  id: text(),
  name: text(),
  description: text(),
  fullDescription: text(),
  collection: text(),
  images: texts(),
  imageTags: TagMapSchema,
  archTags: ArchTagMapSchema,
  size: count(),
  downloadCount: count(),
  stars: count(),
  private: flag(),
  readOnly: flag(),
  customData: text(),
  entity: optional(stringSchema()),
  entityName: optional(stringSchema()),
  collectionName: optional(stringSchema()),
});
/**
 * The third name of a ref; holds images. `collection`, `entity` and `images` are ids; `imageTags`
 * is the map without arch for clients before Singularity 3.4, `archTags` the map for all later
 * clients.
 */
export type Container = Static<typeof ContainerSchema>;

/** Schema of the reply that carries a container. */
export const ContainerResponseSchema = envelope(ContainerSchema);
/** The reply that carries a container. */
export type ContainerResponse = Static<typeof ContainerResponseSchema>;

/** Schema of {@link CreateContainerRequest}. */
export const CreateContainerRequestSchema = objectSchema({
  name: text(),
  description: text(),
  collection: text(),
  private: flag(),
});
/**
 * Request to create a container; `collection` is an id. `private: true` is accepted as an
 * extension.
 */
export type CreateContainerRequest = Static<typeof CreateContainerRequestSchema>;

/**
 * The tags of a container over all arches as text, each once and sorted: `latest,v1` (Go:
 * `TagList`).
 */
export function tagList(container: Pick<Container, "imageTags" | "archTags">): string {
  const tags = new Set(Object.keys(container.imageTags));
  for (const map of Object.values(container.archTags)) {
    for (const tag of Object.keys(map)) tags.add(tag);
  }
  return [...tags].toSorted().join(",");
}
