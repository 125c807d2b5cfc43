import { isImageHash } from "./image-hash.js";
import { isRefPart } from "./name.js";

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
