import { baseModelFields } from "./base-model.js";
import { count, envelope, flag, text } from "../schema/fields.js";
import {
  arraySchema,
  booleanSchema,
  objectSchema,
  optional,
  recordSchema,
  type Static,
  stringSchema,
} from "../schema/schema.js";

/** Schema of {@link Image}. */
export const ImageSchema = objectSchema({
  ...baseModelFields,
  id: text(),
  hash: text(),
  description: text(),
  container: text(),
  blob: optional(stringSchema()),
  size: count(),
  uploaded: flag(),
  signed: optional(booleanSchema()),
  arch: optional(stringSchema()),
  fingerprints: optional(arraySchema(stringSchema())),
  encrypted: optional(booleanSchema()),
  uuid: optional(stringSchema()),
  labels: optional(recordSchema(stringSchema())),
  customData: text(),
  entity: optional(stringSchema()),
  entityName: optional(stringSchema()),
  collection: optional(stringSchema()),
  collectionName: optional(stringSchema()),
  containerName: optional(stringSchema()),
  tags: optional(arraySchema(stringSchema())),
  containerDescription: optional(stringSchema()),
  containerStars: count(),
  containerDownloads: count(),
});
/**
 * One immutable SIF file of a container. `hash` is `sha256.<hex>` of the whole file, `size` is
 * bytes, `container`, `blob`, `entity` and `collection` are ids. `signed`, `arch`, `fingerprints`
 * and `encrypted` are what the file says of itself, not verified; so are the extensions `uuid` (of
 * the SIF header) and `labels`, which stand in the record of one image only, not in search results.
 */
export type Image = Static<typeof ImageSchema>;

/** Schema of the reply that carries an image. */
export const ImageResponseSchema = envelope(ImageSchema);
/** The reply that carries an image. */
export type ImageResponse = Static<typeof ImageResponseSchema>;

/** Schema of {@link CreateImageRequest}. */
export const CreateImageRequestSchema = objectSchema({
  hash: text(),
  description: text(),
  container: text(),
});
/** Request to create an image record before the bytes are sent; `container` is an id. */
export type CreateImageRequest = Static<typeof CreateImageRequestSchema>;
