import { baseModelFields } from "./base-model.js";
import { count, envelope, flag, text, texts } from "../schema/fields.js";
import { objectSchema, optional, type Static, stringSchema } from "../schema/schema.js";

/** Schema of {@link Collection}. */
export const CollectionSchema = objectSchema({
  ...baseModelFields,
  id: text(),
  name: text(),
  description: text(),
  entity: text(),
  containers: texts(),
  size: count(),
  private: flag(),
  customData: text(),
  entityName: optional(stringSchema()),
});
/**
 * The second name of a ref; groups containers. `entity` and `containers` are ids, `size` is in
 * bytes.
 */
export type Collection = Static<typeof CollectionSchema>;

/** Schema of the reply that carries a collection. */
export const CollectionResponseSchema = envelope(CollectionSchema);
/** The reply that carries a collection. */
export type CollectionResponse = Static<typeof CollectionResponseSchema>;

/** Schema of {@link CreateCollectionRequest}. */
export const CreateCollectionRequestSchema = objectSchema({
  name: text(),
  description: text(),
  entity: text(),
  private: flag(),
});
/**
 * Request to create a collection; `entity` is an id. `private: true` is accepted as an extension;
 * Go clients always send `false`, which leaves the choice to the entity's `defaultPrivate`.
 */
export type CreateCollectionRequest = Static<typeof CreateCollectionRequestSchema>;
