import { isImageHash } from "./image-hash.js";

/** Longest name of an entity, collection or container that {@link expandRef} accepts, in characters. */
export const MAX_NAME_LENGTH = 255;

/** Anything but the characters of a name; or a separator at an end, or beside another separator. */
const NOT_A_NAME = /[^a-z0-9._-]|^[._-]|[._-]$|[._-]{2}/;

/**
 * Whether `text` can name an entity, collection or container: lower-case ASCII letters and digits, with single
 * dots, dashes or underscores between them. Of any length; the same answer as Go's `IsRefPart`.
 */
export function isRefPart(text: string): boolean {
  // Tested for what is forbidden, so that a hostile text costs one pass and no backtracking.
  return text !== "" && !NOT_A_NAME.test(text);
}

/** Longest tag, in characters. */
export const MAX_TAG_LENGTH = 128;

/** The tag that a ref without one means. */
export const DEFAULT_TAG = "latest";

/**
 * Whether `text` can be set as a tag: written like a name, of at most {@link MAX_TAG_LENGTH} characters. A text in
 * the form of an image hash is no tag: in a ref it addresses an image by its hash, so such a tag could never be
 * pulled, or would pretend to be bytes that it is not.
 */
export function isTagName(text: string): boolean {
  return text.length <= MAX_TAG_LENGTH && isRefPart(text) && !isImageHash(text);
}
