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
  const { entity, collection, container } = expandNames(path);
  if (!found) return { entity, collection, container, tags: [DEFAULT_TAG] };
  const { text: hash } = tags;
  if (isImageHash(hash)) return { entity, collection, container, tags: [], hash };
  return { entity, collection, container, tags: readTags(tags) };
}

type Names = Pick<ExpandedRef, "entity" | "collection" | "container">;

function expandNames(path: RefSpan): Names {
  const names = path.text.split("/").filter((name) => name !== "");
  const [container, collection = DEFAULT_COLLECTION, entity = DEFAULT_ENTITY] = names.toReversed();
  if (container === undefined || names.length > 3 || path.text.endsWith("/")) {
    throw new RefError("ref-path-not-valid", path, "does not have one to three names");
  }
  if (!names.every(isName)) throw nameFault(path);
  return { entity, collection, container };
}

function isName(text: string): boolean {
  return text.length <= MAX_NAME_LENGTH && isRefPart(text);
}

function nameFault(path: RefSpan): RefError {
  let start = 0;
  for (const name of path.text.split("/")) {
    if (name !== "" && !isName(name)) break;
    start += name.length + 1;
  }
  const end = path.text.indexOf("/", start);
  return new RefError(
    "ref-path-not-valid",
    sliceSpan(path, start, end === -1 ? undefined : end),
    `has a name that is not made of lower-case letters and digits with single ".", "-" or "_" between them, at most ${MAX_NAME_LENGTH}`,
  );
}

function readTags(list: RefSpan): string[] {
  const tags = list.text.split(",");
  let start = 0;
  for (const tag of tags) {
    if (!isTagName(tag)) throw tagFault(sliceSpan(list, start, start + tag.length));
    start += tag.length + 1;
  }
  return [...new Set(tags)];
}

function tagFault(tag: RefSpan): RefError {
  const problem = isImageHash(tag.text)
    ? "has an image hash among its tags"
    : `has a tag that is not made of lower-case letters and digits with single ".", "-" or "_" between them, at most ${MAX_TAG_LENGTH}`;
  return new RefError("ref-tags-not-valid", tag, problem);
}
