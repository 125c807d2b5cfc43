import { envelope, text } from "../schema/fields.js";
import { MAX_TAGS_PER_REQUEST } from "../limits.js";
import {
  arraySchema,
  objectSchema,
  recordSchema,
  type Static,
  stringSchema,
} from "../schema/schema.js";

/** Schema of {@link TagMap}. */
export const TagMapSchema = recordSchema(stringSchema(), { default: {} });
/** Tag to image id, without arch: `{"latest": "507f1f77bcf86cd799439011"}`. */
export type TagMap = Static<typeof TagMapSchema>;

/** Schema of {@link ArchTagMap}. */
export const ArchTagMapSchema = recordSchema(TagMapSchema, { default: {} });
/** Arch to tag to image id: `{"amd64": {"latest": "507f1f77bcf86cd799439011"}}`. */
export type ArchTagMap = Static<typeof ArchTagMapSchema>;

/**
 * Schema of {@link ImageTag}. Go spells the fields with capitals because its struct has no JSON
 * names.
 */
export const ImageTagSchema = objectSchema({ Tag: text(), ImageID: text() });
/** A request to set a plain tag. */
export type ImageTag = Static<typeof ImageTagSchema>;

/** Schema of {@link ArchImageTag}. */
export const ArchImageTagSchema = objectSchema({ Arch: text(), Tag: text(), ImageID: text() });
/** A request to set a tag for one arch. */
export type ArchImageTag = Static<typeof ArchImageTagSchema>;

/** Schema of the reply that lists plain tags; a new container's `null` means none. */
export const TagsResponseSchema = envelope(TagMapSchema);
/** The reply that lists plain tags. */
export type TagsResponse = Static<typeof TagsResponseSchema>;

/** Schema of the reply that lists tags by arch; a new container's `null` means none. */
export const ArchTagsResponseSchema = envelope(ArchTagMapSchema);
/** The reply that lists tags by arch. */
export type ArchTagsResponse = Static<typeof ArchTagsResponseSchema>;

/** Schema of {@link SetTagsRequest}. */
export const SetTagsRequestSchema = objectSchema({
  tags: arraySchema(ArchImageTagSchema, { default: [], maxItems: MAX_TAGS_PER_REQUEST }),
});
/**
 * An extension: several tags, of several arches, set in one request that succeeds or fails as a
 * whole. An empty `Arch` sets the plain tag, and with it that of the image's own arch, as the
 * plain-tag request does.
 */
export type SetTagsRequest = Static<typeof SetTagsRequestSchema>;
