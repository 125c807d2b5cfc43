import { baseModelFields } from "./base-model.js";
import { count, envelope, flag, text, texts } from "../schema/fields.js";
import { objectSchema, type Static } from "../schema/schema.js";

/** Schema of {@link Entity}. */
export const EntitySchema = objectSchema({
  ...baseModelFields,
  id: text(),
  name: text(),
  description: text(),
  collections: texts(),
  size: count(),
  quota: count(),
  defaultPrivate: flag(),
  customData: text(),
});
/**
 * A user or group, the first name of a ref. `size` and `quota` are in bytes; a `quota` of 0 means
 * unlimited.
 */
export type Entity = Static<typeof EntitySchema>;

/** Schema of the reply that carries an entity. */
export const EntityResponseSchema = envelope(EntitySchema);
/** The reply that carries an entity. */
export type EntityResponse = Static<typeof EntityResponseSchema>;

/**
 * Schema of {@link CreateEntityRequest}. Go clients send a whole zero-valued model; other fields
 * are ignored.
 */
export const CreateEntityRequestSchema = objectSchema({
  name: text(),
  description: text(),
  defaultPrivate: flag(),
});
/** Request to create an entity. `defaultPrivate` makes its later collections private. */
export type CreateEntityRequest = Static<typeof CreateEntityRequestSchema>;
