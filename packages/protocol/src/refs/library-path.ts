import { LIBRARY_PREFIX } from "./library-ref.js";
import { isRefPart } from "./names.js";

/**
 * Any character that a tag list cannot contain; or a separator at either end or next to another
 * one.
 */
const NOT_A_TAG_LIST = /[^a-z0-9,._-]|^[,._-]|[,._-]$|[,._-]{2}/;

/** The names in a library path, empty where absent, and its tags. */
export interface LibraryPath {
  readonly entity: string;
  readonly collection: string;
  readonly container: string;
  readonly tags: readonly string[];
}

/**
 * Whether `text` can be pulled: one to three names separated by `/`, and optionally `:` and one tag
 * in the form of a name or an image hash. A leading `library://` is accepted, a host is not. Same
 * result as Go's `IsLibraryPullRef`.
 */
export function isLibraryPullRef(text: string): boolean {
  const { names, tags } = splitPath(text);
  if (names.length > 3 || !names.every(isRefPart)) return false;
  return tags === undefined || isRefPart(tags);
}

/**
 * Whether `text` can be pushed to: three names separated by `/`, and optionally `:` and tags
 * separated by commas. A leading `library://` is accepted, a host is not. Same result as Go's
 * `IsLibraryPushRef`.
 */
export function isLibraryPushRef(text: string): boolean {
  const { names, tags } = splitPath(text);
  if (names.length !== 3 || !names.every(isRefPart)) return false;
  return tags === undefined || (tags !== "" && !NOT_A_TAG_LIST.test(tags));
}

/**
 * The names and tags of a path of one to three components (Go: `ParseLibraryPath`): the last is the
 * container, the one before it the collection, the first of three the entity. With any other count
 * all names are empty. Does not validate: see {@link isLibraryPullRef} and {@link expandRef}.
 */
export function parseLibraryPath(ref: string): LibraryPath {
  const parts = withoutPrefix(ref).split("/", 4);
  if (parts.length > 3) return { entity: "", collection: "", container: "", tags: [] };
  const [last = "", collection = "", entity = ""] = parts.toReversed();
  const [container = "", tags] = last.split(":", 2);
  return { entity, collection, container, tags: tags?.split(",") ?? [] };
}

/** Splits at the first colon into names and tags. Stops after four names, which is one too many. */
function splitPath(text: string): { names: string[]; tags: string | undefined } {
  const path = withoutPrefix(text);
  const colon = path.indexOf(":");
  const names = (colon < 0 ? path : path.slice(0, colon)).split("/", 4);
  return { names, tags: colon < 0 ? undefined : path.slice(colon + 1) };
}

function withoutPrefix(text: string): string {
  return text.startsWith(LIBRARY_PREFIX) ? text.slice(LIBRARY_PREFIX.length) : text;
}
