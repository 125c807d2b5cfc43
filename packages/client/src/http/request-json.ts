import {
  isWireError,
  MAX_JSON_BYTES,
  parseJson,
  type RouteName,
  type RouteParams,
  routePath,
  ROUTES,
} from "@sifshelf/protocol";

import { isNotFound, LibraryError } from "../errors/library-error.js";
import type { Connection } from "./connection.js";
import { sendFollowing } from "./follow.js";
import { readLimited } from "./read-body.js";
import { redactUrl } from "./redact.js";
import { replyError } from "./reply-error.js";
import { withRetries } from "./retry.js";
import type { LibraryReply } from "./send.js";
import { isPage, requireNoPage, WEB_PAGE } from "./web-page.js";

/** A call of the library's JSON API. */
export interface JsonCall<Name extends RouteName> {
  readonly route: Name;
  readonly params: RouteParams<Name>;
  /** Absent and `undefined` fields are omitted. */
  readonly query?: Readonly<Record<string, string | undefined>> | undefined;
  /** Body of the request. */
  readonly json?: object | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly replyTimeoutMs?: number | undefined;
}

/**
 * Makes a call and returns the result of `read` for its JSON. Retries by the connection's policy,
 * since calls of the protocol may be repeated: what the first one created is found by the second,
 * or is a `conflict`.
 */
export async function requestJson<Name extends RouteName, T>(
  connection: Connection,
  call: JsonCall<Name>,
  read: (json: unknown) => T,
): Promise<T> {
  return withRetries(connection, call.signal, async () =>
    readJson(await requestRoute(connection, call), read),
  );
}

/** Makes a call whose reply only has to succeed. Retries like {@link requestJson}. */
export async function requestDone<Name extends RouteName>(
  connection: Connection,
  call: JsonCall<Name>,
): Promise<void> {
  await withRetries(connection, call.signal, async () =>
    requireNoPage(await requestRoute(connection, call)),
  );
}

/**
 * Makes a call that deletes. That nothing is there any more is a success if an earlier attempt may
 * have deleted it.
 */
export async function requestDeletion<Name extends RouteName>(
  connection: Connection,
  call: JsonCall<Name>,
): Promise<void> {
  await withRetries(connection, call.signal, async ({ number }) => {
    try {
      await requireNoPage(await requestRoute(connection, call));
    } catch (error) {
      if (number === 1 || !isNotFound(error)) throw error;
    }
  });
}

/** Makes a call once and returns its successful reply, unread. */
export async function requestRoute<Name extends RouteName>(
  connection: Connection,
  call: JsonCall<Name>,
): Promise<LibraryReply> {
  const reply = await sendFollowing(connection, {
    method: ROUTES[call.route].method,
    url: routeUrl(connection, call),
    body: call.json === undefined ? undefined : JSON.stringify(call.json),
    signal: call.signal,
    replyTimeoutMs: call.replyTimeoutMs,
  });
  if (reply.status < 200 || reply.status > 299) throw await replyError(connection, reply);
  return reply;
}

/** Returns the URL of a call, below the base URL. */
export function routeUrl<Name extends RouteName>(
  connection: Connection,
  { route, params, query = {} }: Pick<JsonCall<Name>, "route" | "params" | "query">,
): URL {
  const url = new URL(routePath(route, params), connection.baseUrl);
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(key, value);
  }
  return url;
}

/**
 * Returns the result of `read` for the JSON of a reply.
 *
 * @throws LibraryError `protocol` when it is not JSON, too long, or not what `read` expects.
 */
export async function readJson<T>(reply: LibraryReply, read: (json: unknown) => T): Promise<T> {
  const { text, isWhole } = await readLimited(reply.body, MAX_JSON_BYTES);
  try {
    if (!isWhole) throw protocolError(reply, `is longer than ${MAX_JSON_BYTES} bytes`);
    return read(parseJson(text, "reply"));
  } catch (error) {
    if (!isWireError(error)) throw error;
    throw protocolError(reply, isPage(text) ? WEB_PAGE : error.message);
  }
}

/** Returns the error for a reply that violates the protocol as `problem` says. */
export function protocolError(reply: LibraryReply, problem: string): LibraryError {
  const { request, status } = reply;
  const url = redactUrl(reply.url);
  const message = `${request.method} ${url}: the reply (${status}) does not follow the protocol: ${problem}; check that this is the base URL of a library`;
  return new LibraryError("protocol", message, { status, method: request.method, url });
}
