import { count, envelope } from "../schema/fields.js";
import { arraySchema, objectSchema, type Static, stringSchema } from "../schema/schema.js";

const MIB = 1024 * 1024;

/** Smallest part whose digest can be requested, in bytes. Part sizes are multiples of it. */
export const PART_DIGEST_STEP_BYTES = MIB;

/** Largest part whose digest can be requested, in bytes. */
export const MAX_PART_DIGEST_BYTES = 512 * MIB;

/** Maximum bytes covered by one request for digests: about a second's work for a library. */
export const MAX_PART_DIGESTS_BYTES = 1024 * MIB;

/** Schema of {@link PartDigests}. */
export const PartDigestsSchema = objectSchema({
  partSize: count(),
  first: count(),
  digests: arraySchema(stringSchema({ pattern: "^sha256:[a-f0-9]{64}$" }), {
    default: [],
    maxItems: MAX_PART_DIGESTS_BYTES / PART_DIGEST_STEP_BYTES,
  }),
});
/**
 * The digests (`sha256:<hex>`) of consecutive parts of a stored image, an extension. Parts have
 * `partSize` bytes, the last one the remainder; `first` is the index of the first digest's part,
 * from 0.
 */
export type PartDigests = Static<typeof PartDigestsSchema>;

/** Schema of the reply that carries digests of parts. */
export const PartDigestsResponseSchema = envelope(PartDigestsSchema);
/** The reply that carries digests of parts. */
export type PartDigestsResponse = Static<typeof PartDigestsResponseSchema>;
