import { count, envelope, text } from "../schema/fields.js";
import {
  arraySchema,
  integerSchema,
  objectSchema,
  optional,
  recordSchema,
  type Static,
  stringSchema,
} from "../schema/schema.js";

/** Schema of {@link LabelMap}. */
export const LabelMapSchema = recordSchema(stringSchema(), { default: {} });
/**
 * Labels of an image by their keys: `{"org.opencontainers.image.version": "1.2"}`. Untrusted text.
 */
export type LabelMap = Static<typeof LabelMapSchema>;

/** Objects and groups are numbered from 1. */
const number = () => integerSchema({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });

/** Schema of {@link InspectedObject}. */
export const InspectedObjectSchema = objectSchema({
  id: count(),
  type: text(),
  name: text(),
  size: count(),
  group: optional(number()),
  link: optional(objectSchema({ kind: text(), id: count() })),
});
/**
 * One data object of a SIF image, from its descriptor. `type` is the display name of the data type,
 * such as `FS`, `size` is bytes, `group` is absent for an object in no group, `link` is the
 * `object` or `group` it belongs to.
 */
export type InspectedObject = Static<typeof InspectedObjectSchema>;

/** Schema of {@link InspectionProblem}. */
export const InspectionProblemSchema = objectSchema({
  code: text(),
  object: optional(number()),
});
/**
 * Why some content of the image is not shown, with the id of the object that holds it, if it is one
 * object: `document-too-large`, `document-malformed`, `deffile-too-large`, `runscript-too-large`,
 * `labels-cut`, `objects-cut`, `not-a-sif`.
 */
export type InspectionProblem = Static<typeof InspectionProblemSchema>;

const sifContentsFields = {
  labels: LabelMapSchema,
  deffile: optional(stringSchema()),
  runscript: optional(stringSchema()),
  objects: arraySchema(InspectedObjectSchema, { default: [] }),
  objectCount: count(),
  problems: arraySchema(InspectionProblemSchema, { default: [] }),
};

/** Schema of {@link SifContents}. */
export const SifContentsSchema = objectSchema(sifContentsFields);
/**
 * The readable content of a SIF image: labels, definition file, run script, and the list of its
 * objects. All of it is untrusted text by the builder of the image; nothing is verified. Absent
 * content is not in the image, unless `problems` says why it is not shown. `objectCount` counts all
 * objects, including those that are not listed.
 */
export type SifContents = Static<typeof SifContentsSchema>;

/** Schema of {@link Inspection}. */
export const InspectionSchema = objectSchema({
  image: text(),
  hash: text(),
  ...sifContentsFields,
});
/** The contents of the image with the id `image` and the image hash `hash`. */
export type Inspection = Static<typeof InspectionSchema>;

/** Schema of the reply that carries an inspection, an extension. */
export const InspectionResponseSchema = envelope(InspectionSchema);
/** The reply that carries an inspection. */
export type InspectionResponse = Static<typeof InspectionResponseSchema>;
