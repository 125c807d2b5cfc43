import { LibraryError } from "../errors/library-error.js";
import type { Connection } from "./connection.js";
import { redactUrl } from "./redact.js";

const THIS_MACHINE =
  /^(?:localhost\.?|.*\.localhost\.?|127\.[0-9.]+|0\.0\.0\.0|\[::1?\]|\[::ffff:7f.*\])$/;
const LINK_LOCAL = /^(?:169\.254\.[0-9.]+|\[fe[89ab].*\]|\[::ffff:a9fe:.*\])$/;

/** Whether two URLs have the same scheme, host and port. */
export function isSameOrigin(a: URL, b: URL): boolean {
  return a.protocol === b.protocol && a.host === b.host;
}

/** Longest URL that is followed, in characters. */
const MAX_LINK_LENGTH = 16 * 1024;

/** Returns where a redirect from `from` leads. @throws LibraryError as {@link uploadUrlOf} */
export function redirectUrlOf(connection: Connection, location: string, from: URL): URL {
  return checkLink(connection, parseLink(location, from), from);
}

/**
 * Returns the absolute URL that the library wants bytes to be sent to.
 *
 * @throws LibraryError `redirect-refused` when the URL is not HTTP, would send in the clear what
 *   was encrypted, has user info, or leads from elsewhere to this machine or its local link;
 *   `protocol` when it is not a URL.
 */
export function uploadUrlOf(connection: Connection, text: string): URL {
  return checkLink(connection, parseLink(text, undefined), connection.baseUrl);
}

function parseLink(text: string, from: URL | undefined): URL {
  try {
    if (text.length <= MAX_LINK_LENGTH) return new URL(text, from);
  } catch {
    // Handled below. The text is not shown, because it may be a signed URL.
  }
  const message =
    "the library points to something that is not an absolute URL, or to one that is too long";
  throw new LibraryError("protocol", message);
}

function checkLink({ baseUrl }: Connection, url: URL, from: URL): URL {
  const problem = linkProblem(url, from, baseUrl);
  if (problem === undefined) return url;
  const shownUrl = redactUrl(url);
  const message = `${redactUrl(from)}: the library points to ${shownUrl}, which ${problem}; ask the site's admin`;
  throw new LibraryError("redirect-refused", message, { url: shownUrl });
}

function linkProblem(url: URL, from: URL, baseUrl: URL): string | undefined {
  if (url.protocol !== "https:" && url.protocol !== "http:") return "is not HTTP";
  const isSecure = baseUrl.protocol === "https:" || from.protocol === "https:";
  if (isSecure && url.protocol !== "https:")
    return "is unencrypted although the library is encrypted";
  if (url.username !== "" || url.password !== "") return "has user info";
  if (isLocal(url) && !isLocal(baseUrl)) return "is an address of this machine or its local link";
  return undefined;
}

function isLocal({ hostname }: URL): boolean {
  return THIS_MACHINE.test(hostname) || LINK_LOCAL.test(hostname);
}
