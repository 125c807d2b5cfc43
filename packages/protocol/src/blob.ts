import Type, { type Static } from "typebox";

import { baseModelFields } from "./base-model.js";
import { count, text } from "./json-schema.js";

/** Schema of {@link Blob}. */
export const BlobSchema = Type.Object({
  ...baseModelFields,
  id: text(),
  bucket: text(),
  key: text(),
  size: count(),
  contentHash: text(),
  status: text(),
});
/** Stored bytes behind an image, as the Go package describes them; no request of the protocol carries one. `size` is bytes. */
export type Blob = Static<typeof BlobSchema>;
