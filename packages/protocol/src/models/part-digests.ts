import { count, envelope } from "../schema/fields.js";
import { arraySchema, objectSchema, type Static, stringSchema } from "../schema/schema.js";

const MIB = 1024 * 1024;

/** Parts whose digests can be asked for are at least this large, and a multiple of it, in bytes. */
export const PART_DIGEST_STEP_BYTES = MIB;

/** Largest part whose digest can be asked for, in bytes. */
export const MAX_PART_DIGEST_BYTES = 512 * MIB;

/** Most bytes whose digests are asked for in one request: about a second's work for a library. */
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
 * The digests (`sha256:<hex>`) of some parts of a stored image in order, an extension. Parts have `partSize` bytes, the
 * image's last one what is left; `first`, counted from 0, is the part that the first digest is of.
 */
export type PartDigests = Static<typeof PartDigestsSchema>;

/** Schema of the reply that carries digests of parts. */
export const PartDigestsResponseSchema = envelope(PartDigestsSchema);
/** The reply that carries digests of parts. */
export type PartDigestsResponse = Static<typeof PartDigestsResponseSchema>;
