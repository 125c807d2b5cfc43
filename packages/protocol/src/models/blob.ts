import { baseModelFields } from "./base-model.js";
import { count, text } from "../schema/fields.js";
import { objectSchema, type Static } from "../schema/schema.js";

/** Schema of {@link Blob}. */
export const BlobSchema = objectSchema({
  ...baseModelFields,
  id: text(),
  bucket: text(),
  key: text(),
  size: count(),
  contentHash: text(),
  status: text(),
});
/**
 * Stored bytes behind an image, as the Go package describes them; no request of the protocol
 * carries one. `size` is in bytes.
 */
export type Blob = Static<typeof BlobSchema>;
