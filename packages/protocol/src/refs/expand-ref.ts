import { type ImageHash, isImageHash } from "./image-hash.js";
import { LIBRARY_PREFIX } from "./library-ref.js";
import { MAX_NAME_LENGTH, isRefPart } from "./names.js";
import { MAX_REF_LENGTH } from "./parse-library-ref.js";
import { RefError } from "./ref-error.js";
import { type RefSpan, splitSpan, sliceSpan, wholeSpan } from "./ref-span.js";
import { DEFAULT_TAG, MAX_TAG_LENGTH, isTagName } from "./names.js";

/** Entity of a ref with one or two names. */
export const DEFAULT_ENTITY = "library";

/** Collection of a ref with one name. */
export const DEFAULT_COLLECTION = "default";

/** What a ref addresses: a container, and images in it by tags or by hash. */
export interface ExpandedRef {
  readonly entity: string;
  readonly collection: string;
  readonly container: string;
  /** At least one tag, in the order of the ref; empty with a hash. */
  readonly tags: readonly string[];
  readonly hash?: ImageHash;
}

/**
 * Expands a ref as a library does, short forms included: `X` is `library/default/X`, `C/X` is
 * `library/C/X`, and a missing tag is `latest`. The colon is followed by tags, separated by commas,
 * or by one image hash. `library://`, a leading slash and repeated slashes are accepted; a host and
 * escapes are not.
 *
 * Throws {@link RefError}: `ref-path-not-valid` (a name, or their number), `ref-tags-not-valid`,
 * `ref-too-long`.
 */
export function expandRef(text: string): ExpandedRef {
  const whole = wholeSpan(text);
  if (text.length > MAX_REF_LENGTH) {
    throw new RefError("ref-too-long", whole, `is longer than ${MAX_REF_LENGTH} characters`);
  }
  const body = text.startsWith(LIBRARY_PREFIX) ? sliceSpan(whole, LIBRARY_PREFIX.length) : whole;
  const { before: path, after: tags, found } = splitSpan(body, ":");
  return { ...expandNames(path), ...(found ? readTags(tags) : { tags: [DEFAULT_TAG] }) };
}

type Names = Pick<ExpandedRef, "entity" | "collection" | "container">;

function expandNames(path: RefSpan): Names {
  const parts = Array.from(path.text.matchAll(/[^/]+/g), ({ 0: name, index }) =>
    sliceSpan(path, index, index + name.length),
  );
  const [container, collection, entity, ...more] = parts.toReversed();
  if (container === undefined || more.length > 0 || path.text.endsWith("/")) {
    throw new RefError("ref-path-not-valid", path, "does not have one to three names");
  }
  return {
    entity: nameOf(entity) ?? DEFAULT_ENTITY,
    collection: nameOf(collection) ?? DEFAULT_COLLECTION,
    container: nameOf(container) ?? "",
  };
}

function nameOf(part: RefSpan | undefined): string | undefined {
  if (part === undefined || (part.text.length <= MAX_NAME_LENGTH && isRefPart(part.text))) {
    return part?.text;
  }
  throw new RefError(
    "ref-path-not-valid",
    part,
    `has a name that is not made of lower-case letters and digits with single ".", "-" or "_" between them, at most ${MAX_NAME_LENGTH}`,
  );
}

function readTags(list: RefSpan): Pick<ExpandedRef, "tags" | "hash"> {
  if (isImageHash(list.text)) return { tags: [], hash: list.text };
  const tags = list.text.split(",");
  let start = 0;
  for (const tag of tags) {
    if (!isTagName(tag)) throw tagFault(sliceSpan(list, start, start + tag.length));
    start += tag.length + 1;
  }
  return { tags: [...new Set(tags)] };
}

function tagFault(tag: RefSpan): RefError {
  const problem = isImageHash(tag.text)
    ? "has an image hash among its tags"
    : `has a tag that is not made of lower-case letters and digits with single ".", "-" or "_" between them, at most ${MAX_TAG_LENGTH}`;
  return new RefError("ref-tags-not-valid", tag, problem);
}
