import { LibraryError } from "../errors/library-error.js";
import type { Connection } from "./connection.js";
import { discardBody } from "./read-body.js";
import { redirectUrlOf } from "./origin.js";
import { redactUrl } from "./redact.js";
import { type LibraryReply, type LibraryRequest, send } from "./send.js";

/** Most redirects followed in a row. Libraries need one, a proxy in front of them one more. */
export const MAX_REDIRECTS = 5;

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const KEEPING_METHOD: ReadonlySet<number> = new Set([307, 308]);

/** Whether a status is a redirect. */
export function isRedirect(status: number): boolean {
  return REDIRECTS.has(status);
}

/**
 * Like {@link send}, but follows redirects: all of them for `GET`, otherwise only those that keep
 * the method. The token is dropped as soon as the origin changes.
 *
 * @throws LibraryError also `redirect-refused`, and `protocol` after {@link MAX_REDIRECTS}
 *   redirects.
 */
export async function sendFollowing(
  connection: Connection,
  request: LibraryRequest,
): Promise<LibraryReply> {
  let reply = await send(connection, request);
  for (let hops = 0; isRedirect(reply.status); hops++) {
    const next = await redirectTarget(connection, reply);
    if (hops === MAX_REDIRECTS) {
      throw new LibraryError(
        "protocol",
        `${request.method} ${redactUrl(request.url)}: more than ${MAX_REDIRECTS} redirects; check the base URL`,
        { method: request.method, url: redactUrl(request.url) },
      );
    }
    reply = await send(connection, { ...request, url: next });
  }
  return reply;
}

/** Returns where a redirect leads, and discards the rest of the reply. */
export async function redirectTarget(connection: Connection, reply: LibraryReply): Promise<URL> {
  await discardBody(reply);
  const { request, status, headers, url } = reply;
  const location = headers.get("location");
  const details = { status, method: request.method, url: redactUrl(url) };
  if (location === null) {
    const message = `${request.method} ${redactUrl(url)}: the library redirects (${status}) without a Location`;
    throw new LibraryError("protocol", message, details);
  }
  if (request.method !== "GET" && !KEEPING_METHOD.has(status)) {
    const message = `${request.method} ${redactUrl(url)}: the library redirects (${status}) a request other than GET; check the base URL`;
    throw new LibraryError("redirect-refused", message, details);
  }
  return redirectUrlOf(connection, location, url);
}
