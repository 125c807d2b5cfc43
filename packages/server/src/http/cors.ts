import cors, { type FastifyCorsOptions } from "@fastify/cors";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

import { ANY_ORIGIN } from "../settings/urls.js";

/** The methods that our routes serve. */
const METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE"];

/** Headers of requests that are read here, or that uploads are asked to carry. */
const REQUEST_HEADERS = [
  "Authorization",
  "Content-Type",
  "If-None-Match",
  "If-Range",
  "Range",
  "X-Amz-Content-Sha256",
];

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
 * Lets pages of these origins, as browsers write them in `Origin`, read replies and send requests
 * with our methods and headers (CORS, WHATWG Fetch 3.2). It grants no right: cookies mean nothing
 * here and are never allowed, and a page needs a token like every other client. Without origins it
 * does nothing.
 *
 * An origin that is not listed, and an OPTIONS request that is no preflight, get what they would
 * get without CORS; that is why the options are chosen for each request.
 */
export function addCors(app: FastifyInstance, origins: readonly string[]): void {
  if (origins.length === 0) return;
  app.register(cors, {
    delegator: (
      request: FastifyRequest,
      done: (error: null, options: FastifyCorsOptions) => void,
    ) => done(null, optionsFor(origins, request)),
  });
}

function optionsFor(origins: readonly string[], request: FastifyRequest): FastifyCorsOptions {
  const origin = grantedOrigin(origins, request);
  const isPreflight = request.headers["access-control-request-method"] !== undefined;
  if (request.method === "OPTIONS" && !isPreflight) return { origin: false };
  return {
    origin: origin ?? false,
    methods: METHODS,
    allowedHeaders: REQUEST_HEADERS,
    exposedHeaders: REPLY_HEADERS,
    maxAge: MAX_AGE_SECONDS,
  };
}

/**
 * Does the same for a reply to a request that Fastify rejects before it runs any hook, so that a
 * page can read the error.
 */
export function allowOrigin(
  origins: readonly string[],
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  if (origins.length === 0) return;
  void reply.header("vary", "Origin");
  const origin = grantedOrigin(origins, request);
  if (origin === undefined) return;
  void reply.header("access-control-allow-origin", origin);
  void reply.header("access-control-expose-headers", REPLY_HEADERS);
}

/** The value of `Access-Control-Allow-Origin` for a request; undefined grants nothing. */
function grantedOrigin(
  origins: readonly string[],
  { headers: { origin } }: FastifyRequest,
): string | undefined {
  if (origin === undefined) return undefined;
  if (origins.includes(ANY_ORIGIN)) return ANY_ORIGIN;
  return origins.includes(origin) ? origin : undefined;
}
