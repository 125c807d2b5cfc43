import { GO_ZERO_TIME, flag, text, timestamp, timestampOrZero } from "../schema/fields.js";
import { objectSchema, optional, type Static, stringSchema } from "../schema/schema.js";

/** Names of the models that a library stores (Go: `LibraryModels`). */
export const LIBRARY_MODELS = ["Entity", "Collection", "Container", "Image", "Blob"] as const;

/**
 * Fields of every model: user and time of creation, last change and deletion. Spread into the
 * model's own schema.
 */
export const baseModelFields = {
  deleted: flag(),
  createdBy: text(),
  createdAt: timestampOrZero(),
  updatedBy: optional(stringSchema()),
  updatedAt: optional(timestamp()),
  deletedBy: optional(stringSchema()),
  deletedAt: optional(timestamp()),
  owner: optional(stringSchema()),
};

/** Schema of the fields that every model has (Go: `BaseModel`). */
export const BaseModelSchema = objectSchema(baseModelFields);
/** User and time of a record's creation, last change and deletion; times are RFC 3339 text. */
export type BaseModel = Static<typeof BaseModelSchema>;

/** Anything with an id (Go: `ModelManager`). */
export interface ModelManager {
  readonly id: string;
}

/**
 * User and time of an action on a record: `by` is a user's name, empty if unknown; `at` is RFC 3339
 * text, absent if it never happened.
 */
export interface Stamp {
  readonly by: string;
  readonly at: string | undefined;
}

/** The model's id (Go: `GetID`). */
export function getId(model: ModelManager): string {
  return model.id;
}

/** User and time of the record's creation (Go: `GetCreated`). */
export function getCreated(model: BaseModel): Stamp {
  return stamp(model.createdBy, model.createdAt);
}

/** User and time of the record's last change (Go: `GetUpdated`). */
export function getUpdated(model: BaseModel): Stamp {
  return stamp(model.updatedBy, model.updatedAt);
}

/** User and time of the record's deletion (Go: `GetDeleted`). */
export function getDeleted(model: BaseModel): Stamp {
  return stamp(model.deletedBy, model.deletedAt);
}

function stamp(by: string | undefined, at: string | undefined): Stamp {
  return { by: by ?? "", at: at === GO_ZERO_TIME ? undefined : at };
}
