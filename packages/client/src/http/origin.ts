import { LibraryError } from "../errors.js";
import type { Connection } from "./connection.js";
import { redactUrl } from "./redact.js";

const THIS_MACHINE =
  /^(?:localhost\.?|.*\.localhost\.?|127\.[0-9.]+|0\.0\.0\.0|\[::1?\]|\[::ffff:7f.*\])$/;
const LINK_LOCAL = /^(?:169\.254\.[0-9.]+|\[fe[89ab].*\]|\[::ffff:a9fe:.*\])$/;

/** Whether two URLs have scheme, host and port in common. */
export function isSameOrigin(a: URL, b: URL): boolean {
  return a.protocol === b.protocol && a.host === b.host;
}

/**
 * The URL that the library names, for a redirect or an upload, resolved against `from`.
 *
 * @throws LibraryError `redirect-refused` when it is none of HTTP, would carry what was encrypted in the clear, has
 *   user info, or points from elsewhere to this machine or its link.
 */
export function linkedUrl(connection: Connection, text: string, from: URL): URL {
  const url = parseLink(text, from);
  const refuse = (problem: string) =>
    new LibraryError(
      "redirect-refused",
      `${redactUrl(from)}: the library points to ${redactUrl(url)}, which ${problem}; ask the site's admin`,
      { url: redactUrl(url) },
    );
  if (url.protocol !== "https:" && url.protocol !== "http:") throw refuse("is not HTTP");
  const isSecure = connection.baseUrl.protocol === "https:" || from.protocol === "https:";
  if (isSecure && url.protocol !== "https:") throw refuse("is not encrypted while the library is");
  if (url.username !== "" || url.password !== "") throw refuse("has user info");
  if (isLocal(url) && !isLocal(connection.baseUrl)) throw refuse("is an address of this machine");
  return url;
}

function isLocal({ hostname }: URL): boolean {
  return THIS_MACHINE.test(hostname) || LINK_LOCAL.test(hostname);
}

function parseLink(text: string, from: URL): URL {
  try {
    return new URL(text, from);
  } catch {
    throw new LibraryError(
      "protocol",
      `${redactUrl(from)}: the library points to something that is not a URL`,
      { url: redactUrl(from) },
    );
  }
}
