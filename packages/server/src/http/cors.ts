import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

import { ANY_ORIGIN } from "../settings/urls.js";

/** What the routes of the protocol are asked with. */
const METHODS = "GET, HEAD, POST, PUT, DELETE";

/** Headers of requests that are read here, or that uploads are asked to carry. */
const REQUEST_HEADERS = [
  "Authorization",
  "Content-Type",
  "If-None-Match",
  "If-Range",
  "Range",
  "X-Amz-Content-Sha256",
].join(", ");

/** Headers of replies that clients need; others stay hidden from pages. */
const REPLY_HEADERS = [
  "Accept-Ranges",
  "Content-Length",
  "Content-Range",
  "ETag",
  "Location",
  "Retry-After",
  "WWW-Authenticate",
  "X-Request-Id",
].join(", ");

/** How long a browser may remember a preflight, in seconds: the longest that Chromium does. */
const MAX_AGE_SECONDS = 7200;

/**
 * Lets pages of these origins, as browsers write them in `Origin`, read what is replied, and ask with the methods and
 * headers of the protocol (CORS, WHATWG Fetch 3.2). It gives nobody a right: cookies mean nothing here and are never
 * allowed, a token has to come with the request as from anywhere else. Without origins it does nothing.
 */
export function addCors(app: FastifyInstance, origins: readonly string[]): void {
  if (origins.length === 0) return;
  app.addHook("onRequest", async (request, reply) => {
    allowOrigin(origins, request, reply);
    if (!isPreflight(request) || !isAllowed(origins, request.headers.origin)) return undefined;
    return reply
      .code(204)
      .headers({
        "access-control-allow-methods": METHODS,
        "access-control-allow-headers": REQUEST_HEADERS,
        "access-control-max-age": String(MAX_AGE_SECONDS),
      })
      .send();
  });
}

/** Lets the page that a request comes from read the reply, if its origin is among `origins`; for errors as well. */
export function allowOrigin(
  origins: readonly string[],
  { headers: { origin } }: FastifyRequest,
  reply: FastifyReply,
): void {
  if (origins.length === 0) return;
  const isOpen = origins.includes(ANY_ORIGIN);
  if (!isOpen) void reply.header("vary", "Origin");
  if (!isAllowed(origins, origin)) return;
  void reply.headers({
    "access-control-allow-origin": isOpen ? ANY_ORIGIN : origin,
    "access-control-expose-headers": REPLY_HEADERS,
  });
}

function isAllowed(origins: readonly string[], origin: string | undefined): boolean {
  if (origin === undefined) return false;
  return origins.includes(ANY_ORIGIN) || origins.includes(origin);
}

/** Only browsers ask so, and never for anything else. */
function isPreflight({ method, headers }: FastifyRequest): boolean {
  return method === "OPTIONS" && headers["access-control-request-method"] !== undefined;
}
