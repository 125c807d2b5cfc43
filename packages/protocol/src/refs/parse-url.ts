import { RefError } from "./ref-error.js";
import { type RefSpan, splitSpan, sliceSpan, wholeSpan } from "./ref-span.js";
import { checkEscapes, unescapeUrl } from "./url-escape.js";
import { parseUrlHost } from "./url-host.js";

/** A URL parsed as Go's `net/url` does it. Spans are as written; strings are unescaped. */
export interface ParsedUrl {
  /** Lower-case; empty for a relative reference. */
  readonly scheme: string;
  readonly user: RefSpan | undefined;
  /** With the port, if any. */
  readonly host: string;
  /** The opaque part (which has no escapes) or the path. */
  readonly path: string;
  readonly writtenPath: RefSpan;
  readonly query: RefSpan;
  readonly fragment: RefSpan;
}

/** The text before the first colon, if it has the form of a scheme. */
const SCHEME = /^[a-z][a-z0-9+.-]*(?=:)/i;
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const CONTROL = /[\u0000-\u001f\u007f]/;
const USER_INFO = /^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/;

/**
 * Parses `raw` as Go's `url.Parse` does. JavaScript's `URL` follows other rules: it normalises
 * hosts, paths and escapes, and rejects zones. With `hostless`, the path of `scheme://path` begins
 * in place of the host. Throws {@link RefError} `ref-url-not-valid`.
 */
export function parseUrl(raw: string, { hostless = false } = {}): ParsedUrl {
  const { before: url, after: fragment } = splitSpan(wholeSpan(raw), "#");
  checkControls(url);
  const { scheme, rest } = splitScheme(url);
  // A trailing "?" gives an empty query, which is the same as none.
  const { before: hierarchy, after: query } = splitSpan(rest, "?");
  const { authority, path } = splitAuthority(hierarchy, scheme, hostless);
  const parsed = {
    scheme,
    ...parseAuthority(authority),
    path: isOpaque(scheme, path) ? path.text : unescapeUrl(path, "path"),
    writtenPath: path,
    query,
    fragment,
  };
  checkEscapes(fragment, "path");
  return parsed;
}

function checkControls(url: RefSpan): void {
  const at = url.text.search(CONTROL);
  if (at >= 0) throw invalid(sliceSpan(url, at, at + 1), "has a control character");
}

function splitScheme(url: RefSpan): { scheme: string; rest: RefSpan } {
  const scheme = SCHEME.exec(url.text)?.[0];
  if (scheme !== undefined) {
    return { scheme: scheme.toLowerCase(), rest: sliceSpan(url, scheme.length + 1) };
  }
  if (url.text.startsWith(":")) throw invalid(url, "has no scheme before its colon");
  return { scheme: "", rest: url };
}

function splitAuthority(
  hierarchy: RefSpan,
  scheme: string,
  hostless: boolean,
): { authority: RefSpan; path: RefSpan } {
  const { text } = hierarchy;
  if (scheme === "") checkRelative(hierarchy);
  const none = sliceSpan(hierarchy, 0, 0);
  if (!text.startsWith("//") || (scheme === "" && text.startsWith("///"))) {
    return { authority: none, path: hierarchy };
  }
  if (hostless) return { authority: none, path: sliceSpan(hierarchy, 1) };
  const slash = text.indexOf("/", 2);
  const end = slash < 0 ? text.length : slash;
  return { authority: sliceSpan(hierarchy, 2, end), path: sliceSpan(hierarchy, end) };
}

/** Go does not unescape a path without a leading slash after a scheme (`library:a%20b`). */
function isOpaque(scheme: string, path: RefSpan): boolean {
  return scheme !== "" && !path.text.startsWith("/");
}

/** RFC 3986, section 3.3: a colon in the first segment would be read as a scheme. */
function checkRelative(path: RefSpan): void {
  const { before } = splitSpan(path, "/");
  if (before.text.includes(":")) throw invalid(before, "has no valid scheme before its colon");
}

function parseAuthority(authority: RefSpan): { user: RefSpan | undefined; host: string } {
  const at = authority.text.lastIndexOf("@");
  const host = parseUrlHost(sliceSpan(authority, at + 1));
  if (at < 0) return { user: undefined, host };
  const user = sliceSpan(authority, 0, at);
  if (!USER_INFO.test(user.text)) throw invalid(user, "has malformed user info");
  checkEscapes(user, "path");
  return { user, host };
}

function invalid(span: RefSpan, problem: string): RefError {
  return new RefError("ref-url-not-valid", span, problem);
}
