import Type, { type Static } from "typebox";

import { count, envelope, text } from "./json-schema.js";

/** Schema of {@link LabelMap}. */
export const LabelMapSchema = Type.Record(Type.String(), Type.String(), { default: {} });
/** Labels of an image by their keys: `{"org.opencontainers.image.version": "1.2"}`. Untrusted text. */
export type LabelMap = Static<typeof LabelMapSchema>;

/** Objects and groups are numbered from 1. */
const number = () => Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });

/** Schema of {@link InspectedObject}. */
export const InspectedObjectSchema = Type.Object({
  id: count(),
  type: text(),
  name: text(),
  size: count(),
  group: Type.Optional(number()),
  link: Type.Optional(Type.Object({ kind: text(), id: count() })),
});
/**
 * One data object of a SIF image, as its descriptor says. `type` is the display name of the data type, as `FS`, `size` is bytes,
 * `group` is absent for an object in no group, `link` tells which `object` or `group` it belongs to.
 */
export type InspectedObject = Static<typeof InspectedObjectSchema>;

/** Schema of {@link InspectionProblem}. */
export const InspectionProblemSchema = Type.Object({
  code: text(),
  object: Type.Optional(number()),
});
/**
 * Why something that the image has is not shown, and the id of the object that holds it, if it is one object's:
 * `document-too-large`, `document-malformed`, `deffile-too-large`, `runscript-too-large`, `labels-cut`, `objects-cut`, `not-a-sif`.
 */
export type InspectionProblem = Static<typeof InspectionProblemSchema>;

/** Schema of {@link SifContents}. */
export const SifContentsSchema = Type.Object({
  labels: LabelMapSchema,
  deffile: Type.Optional(Type.String()),
  runscript: Type.Optional(Type.String()),
  objects: Type.Array(InspectedObjectSchema, { default: [] }),
  objectCount: count(),
  problems: Type.Array(InspectionProblemSchema, { default: [] }),
});
/**
 * What a SIF image holds for people to read: labels, definition file, run script, and the list of its objects. All of it is
 * untrusted text of whoever built the image; nothing is verified. What is absent is not in the image, unless `problems` says why
 * it is not shown. `objectCount` counts all objects, also those that are not listed.
 */
export type SifContents = Static<typeof SifContentsSchema>;

/** Schema of {@link Inspection}. */
export const InspectionSchema = Type.Object({
  image: text(),
  hash: text(),
  ...SifContentsSchema.properties,
});
/** The contents of the image with the id `image` and the image hash `hash`. */
export type Inspection = Static<typeof InspectionSchema>;

/** Schema of the reply that carries an inspection, an extension. */
export const InspectionResponseSchema = envelope(InspectionSchema);
/** The reply that carries an inspection. */
export type InspectionResponse = Static<typeof InspectionResponseSchema>;
