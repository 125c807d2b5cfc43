import { isImageHash } from "./image-hash.js";

/**
 * Longest name of an entity, collection or container that {@link expandRef} accepts, in characters.
 */
export const MAX_NAME_LENGTH = 255;

/**
 * Any character that a name cannot contain; or a separator at either end or next to another one.
 */
const NOT_A_NAME = /[^a-z0-9._-]|^[._-]|[._-]$|[._-]{2}/;

/**
 * Whether `text` can name an entity, collection or container: lower-case ASCII letters and digits,
 * with single dots, dashes or underscores between them. Any length is accepted. Same result as Go's
 * `IsRefPart`.
 */
export function isRefPart(text: string): boolean {
  // Tests for forbidden text, so that hostile input takes one pass and no backtracking.
  return text !== "" && !NOT_A_NAME.test(text);
}

/** Longest tag, in characters. */
export const MAX_TAG_LENGTH = 128;

/** Tag of a ref without a tag. */
export const DEFAULT_TAG = "latest";

/**
 * Whether `text` can be set as a tag: the form of a name, at most {@link MAX_TAG_LENGTH}
 * characters. Text in the form of an image hash is not a tag: in a ref it addresses an image by its
 * hash, so such a tag could never be pulled, or would appear to identify bytes that it does not.
 */
export function isTagName(text: string): boolean {
  return text.length <= MAX_TAG_LENGTH && isRefPart(text) && !isImageHash(text);
}
