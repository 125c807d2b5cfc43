import { envelope, flag, text } from "../schema/fields.js";
import { objectSchema, optional, type Static } from "../schema/schema.js";

/** Schema of {@link VersionInfo}. */
export const VersionInfoSchema = objectSchema({
  version: text(),
  apiVersion: text(),
  features: optional(
    objectSchema({
      atomicTags: flag(),
      searchPages: flag(),
      inspections: flag(),
      parallelParts: flag(),
      resumableUploads: flag(),
      partDigests: flag(),
      partCrc32: flag(),
    }),
  ),
});
/**
 * A library's own `version`, the `apiVersion` that clients gate features by, and `features`, an
 * extension that names the additional requests it supports.
 */
export type VersionInfo = Static<typeof VersionInfoSchema>;

/** Schema of the reply that carries a library's version. */
export const VersionResponseSchema = envelope(VersionInfoSchema);
/** The reply that carries a library's version. */
export type VersionResponse = Static<typeof VersionResponseSchema>;
