import { LIBRARY_PREFIX, LIBRARY_SCHEME, LibraryRef } from "./library-ref.js";
import { type ParsedUrl, parseUrl } from "./parse-url.js";
import { RefError, type RefErrorCode } from "./ref-error.js";
import { type RefSpan, sliceSpan, wholeSpan } from "./ref-span.js";

/**
 * Longest ref that is parsed, in UTF-16 code units: room for three names and a few dozen tags of
 * full length.
 */
export const MAX_REF_LENGTH = 8192;

/** An unpaired surrogate. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * Parses a ref (Go: `Parse`) in one of the forms `library:path:tags`, `library:/path:tags`,
 * `library:///path:tags` and `library://host[:port]/path:tags`; the tags are optional. Host and
 * path are unescaped as Go's `net/url` does it. Does not validate names and tags: see {@link
 * expandRef}.
 *
 * Throws {@link RefError}: the codes of Go's errors; `ref-url-not-valid` where Go returns an error
 * of its URL parser, and for escapes or surrogates that are not Unicode; `ref-too-long` beyond
 * {@link MAX_REF_LENGTH}.
 */
export function parseLibraryRef(raw: string): LibraryRef {
  checkInput(raw);
  return refOfUrl(parseUrl(raw));
}

/**
 * Like {@link parseLibraryRef}, but a ref that begins with `library://` and has one or three path
 * components after it is read as one without a host (Go: `ParseAmbiguous`): `library://alpine`,
 * `library://a/b/c:tag`.
 */
export function parseAmbiguousLibraryRef(raw: string): LibraryRef {
  checkInput(raw);
  if (raw.startsWith(LIBRARY_PREFIX) && raw[LIBRARY_PREFIX.length] !== "/") {
    const url = parseUrl(raw, { hostless: true });
    const components = url.path.slice(1).split("/").length;
    if (components === 1 || components === 3) return refOfUrl(url);
  }
  return refOfUrl(parseUrl(raw));
}

function checkInput(raw: string): void {
  if (raw.length > MAX_REF_LENGTH) {
    throw fault("ref-too-long", wholeSpan(raw), `is longer than ${MAX_REF_LENGTH} characters`);
  }
  const surrogate = raw.search(LONE_SURROGATE);
  if (surrogate >= 0) {
    const span = sliceSpan(wholeSpan(raw), surrogate, surrogate + 1);
    throw fault("ref-url-not-valid", span, "has half a surrogate pair");
  }
}

function refOfUrl(url: ParsedUrl): LibraryRef {
  const { scheme, user, query, fragment, writtenPath } = url;
  if (scheme !== LIBRARY_SCHEME) {
    const span = sliceSpan(wholeSpan(fragment.input), 0, scheme.length);
    throw fault("ref-scheme-not-valid", span, `does not begin with "${LIBRARY_SCHEME}:"`);
  }
  if (user !== undefined) throw fault("ref-user-not-permitted", user, "has user info");
  if (query.text !== "") throw fault("ref-query-not-permitted", query, "has a query");
  if (fragment.text !== "") throw fault("ref-fragment-not-permitted", fragment, "has a fragment");
  return new LibraryRef({ host: url.host, ...splitTags(url.path, writtenPath) });
}

function splitTags(text: string, written: RefSpan): { path: string; tags: string[] } {
  const [head = "", tags, ...more] = text.split(":", 3);
  if (more.length > 0) {
    throw fault("ref-path-not-valid", written, "has more than one colon in path and tags");
  }
  const path = head.startsWith("/") ? head.slice(1) : head;
  if (path === "") throw fault("ref-path-not-valid", written, "has no path");
  if (tags === "") throw fault("ref-tags-not-valid", written, "has a colon but no tags");
  return { path, tags: tags?.split(",") ?? [] };
}

function fault(code: RefErrorCode, span: RefSpan, problem: string): RefError {
  return new RefError(code, span, problem);
}
