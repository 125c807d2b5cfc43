import Type, { type Static } from "typebox";

import { baseModelFields } from "./base-model.js";
import { count, envelope, flag, text } from "./json-schema.js";

/** Schema of {@link Image}. */
export const ImageSchema = Type.Object({
  ...baseModelFields,
  id: text(),
  hash: text(),
  description: text(),
  container: text(),
  blob: Type.Optional(Type.String()),
  size: count(),
  uploaded: flag(),
  signed: Type.Optional(Type.Boolean()),
  arch: Type.Optional(Type.String()),
  fingerprints: Type.Optional(Type.Array(Type.String())),
  encrypted: Type.Optional(Type.Boolean()),
  uuid: Type.Optional(Type.String()),
  labels: Type.Optional(Type.Record(Type.String(), Type.String())),
  customData: text(),
  entity: Type.Optional(Type.String()),
  entityName: Type.Optional(Type.String()),
  collection: Type.Optional(Type.String()),
  collectionName: Type.Optional(Type.String()),
  containerName: Type.Optional(Type.String()),
  tags: Type.Optional(Type.Array(Type.String())),
  containerDescription: Type.Optional(Type.String()),
  containerStars: count(),
  containerDownloads: count(),
});
/**
 * One immutable SIF file of a container. `hash` is `sha256.<hex>` of the whole file, `size` is bytes, `container`, `blob`,
 * `entity` and `collection` are ids. `signed`, `arch`, `fingerprints` and `encrypted` are what the file says of itself, not verified; so
 * are the extensions `uuid` (of the SIF header) and `labels`, which stand in the record of one image only, not in search results.
 */
export type Image = Static<typeof ImageSchema>;

/** Schema of the reply that carries an image. */
export const ImageResponseSchema = envelope(ImageSchema);
/** The reply that carries an image. */
export type ImageResponse = Static<typeof ImageResponseSchema>;

/** Schema of {@link CreateImageRequest}. */
export const CreateImageRequestSchema = Type.Object({
  hash: text(),
  description: text(),
  container: text(),
});
/** What a client says of a new image before it sends the bytes; `container` is an id. */
export type CreateImageRequest = Static<typeof CreateImageRequestSchema>;
