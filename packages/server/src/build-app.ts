import { randomUUID } from "node:crypto";

import {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
  fastify,
} from "fastify";

import { replyToBrokenRequest } from "./http/broken-request.js";
import { addCors, allowOrigin } from "./http/cors.js";
import { faultBody, faultReplyOf, replyToFault } from "./api/library/reply-to-fault.js";
import { faultOf } from "./faults/fault.js";
import type { Library } from "./library/library.js";
import { registerCollectionRoutes } from "./api/library/collections.js";
import { registerContainerRoutes } from "./api/library/containers.js";
import { registerDownloadRoutes } from "./api/library/downloads.js";
import { registerEntityRoutes } from "./api/library/entities.js";
import { registerImageRoutes } from "./api/library/images.js";
import { registerPartDigestsRoute } from "./api/library/part-digests.js";
import { registerSearchRoute } from "./api/library/search.js";
import { registerServiceRoutes } from "./api/library/service.js";
import { registerTagRoutes } from "./api/library/tags.js";
import { registerSignedUploadRoutes } from "./api/library/signed-uploads.js";
import { registerUploadRoutes } from "./api/library/uploads.js";
import { awaitHandlersOnClose } from "./http/running-handlers.js";
import { discardBody } from "./http/discard-body.js";

/** Everything that the HTTP service is built on. */
export interface AppDeps {
  readonly library: Library;
  readonly logger: FastifyBaseLogger;
  /** Our version, for `GET /version`. */
  readonly version: string;
  /** The origin (and path) that clients reach us by, for signed URLs; absent: what each request says in `Host`. */
  readonly publicUrl?: string | undefined;
  /** URI of a front server's internal location for the folder of blobs, which then sends them; absent: we send them. */
  readonly accelRedirect?: string | undefined;
  /** Addresses or networks of the proxies whose `X-Forwarded-*` headers are believed. Default: none. */
  readonly trustProxy?: readonly string[] | undefined;
  /** Origins of pages that may use the service from a browser; `["*"]`: all. Default: none but its own. */
  readonly corsOrigins?: readonly string[] | undefined;
  /** How long the head of a request may take, in milliseconds. Default: 30 s. */
  readonly headersTimeoutMs?: number | undefined;
  /** How long a connection without a request is kept, in milliseconds. Default: 65 s. */
  readonly keepAliveTimeoutMs?: number | undefined;
}

/** Longest parameter in a path: a name of 255 characters, every one of them percent-encoded. */
const MAX_PARAM_LENGTH = 3 * 255;

/** Longest headers of a request, in bytes. */
const MAX_HEADERS_BYTES = 16 * 1024;

/** How long the headers of a request may take: they are small and come at once. */
const HEADERS_TIMEOUT_MS = 30_000;

/** Node looks every 30 s by default, which would let a slow head take twice as long as it may. */
const CHECKS_PER_HEADERS_TIMEOUT = 6;

/** Longer than proxies keep idle connections, so that they close them first and lose no request. */
const KEEP_ALIVE_TIMEOUT_MS = 65_000;

/**
 * Builds the HTTP service, without listening or any other side effect. Requests can be injected into it.
 */
export function buildApp(deps: AppDeps): FastifyInstance {
  const corsOrigins = deps.corsOrigins ?? [];
  const { headersTimeoutMs = HEADERS_TIMEOUT_MS, keepAliveTimeoutMs = KEEP_ALIVE_TIMEOUT_MS } =
    deps;
  const app = fastify({
    loggerInstance: deps.logger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID(),
    trustProxy: deps.trustProxy === undefined ? false : [...deps.trustProxy],
    routerOptions: { ignoreDuplicateSlashes: true, maxParamLength: MAX_PARAM_LENGTH },
    http: {
      maxHeaderSize: MAX_HEADERS_BYTES,
      headersTimeout: headersTimeoutMs,
      connectionsCheckingInterval: Math.ceil(headersTimeoutMs / CHECKS_PER_HEADERS_TIMEOUT),
    },
    // A total limit would cut long uploads; bodies have limits of their own, by progress.
    requestTimeout: 0,
    keepAliveTimeout: keepAliveTimeoutMs,
    frameworkErrors: (error, request, reply) => {
      allowOrigin(corsOrigins, request, reply);
      replyToFrameworkFault(error, request, reply);
    },
    clientErrorHandler: replyToBrokenRequest,
  });
  awaitHandlersOnClose(app);
  // Bodies stay streams: Go clients send JSON without a Content-Type, and images must not be collected in memory.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, _body, done) => done(null));
  app.setErrorHandler(replyToFault);
  app.setNotFoundHandler(async (request, reply) => {
    const fault = faultReplyOf(faultOf("not-found"));
    return reply.code(fault.status).send(faultBody(fault, request.id));
  });
  addHooks(app, deps.library.settings.idleTimeoutMs);
  addCors(app, corsOrigins);
  registerRoutes(app, deps);
  return app;
}

function registerRoutes(app: FastifyInstance, deps: AppDeps): void {
  const routeDeps = { app, library: deps.library };
  registerServiceRoutes(routeDeps, deps.version);
  registerEntityRoutes(routeDeps);
  registerCollectionRoutes(routeDeps);
  registerContainerRoutes(routeDeps);
  registerImageRoutes(routeDeps);
  registerTagRoutes(routeDeps);
  registerSearchRoute(routeDeps);
  registerUploadRoutes(routeDeps, deps.publicUrl);
  registerSignedUploadRoutes(routeDeps);
  registerDownloadRoutes(routeDeps, deps);
  registerPartDigestsRoute(routeDeps);
}

function addHooks(app: FastifyInstance, idleTimeoutMs: number): void {
  app.addHook("onRequest", async (request, reply) => {
    startReply(request, reply);
    // Fastify refuses a Content-Type that it cannot read, but bodies are taken for what the request is, whatever it says.
    delete request.raw.headers["content-type"];
  });
  app.addHook("onSend", async (_request, { raw }) => {
    // From now on the client alone can be what holds it up; until now it may have been work that takes its time.
    raw.setTimeout(idleTimeoutMs, () => raw.destroy());
  });
  app.addHook("onResponse", async ({ raw }) => discardBody(raw));
}

/** For a URL that Fastify does not even look up, for which it calls no hooks. */
function replyToFrameworkFault(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  startReply(request, reply);
  reply.raw.once("close", () => discardBody(request.raw));
  void replyToFault(error, request, reply);
}

function startReply(request: FastifyRequest, reply: FastifyReply): void {
  void reply.headers({
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "x-request-id": request.id,
  });
  // Comes in the end, also when the client has left: Fastify calls no hook then.
  // A connection that is gone has no address.
  const { ip } = request;
  reply.raw.once("close", () => logReply(request, reply, ip));
}

function logReply(request: FastifyRequest, reply: FastifyReply, ip: string): void {
  request.log.info(
    {
      method: request.method,
      path: pathOf(request),
      ...(reply.raw.headersSent && { status: reply.statusCode }),
      ms: Math.round(reply.elapsedTime),
      address: ip,
      ...(!reply.raw.writableFinished && { isCutOff: true }),
    },
    "request",
  );
}

/** The path alone: the query of a signed URL is a credential. */
function pathOf(request: FastifyRequest): string {
  return request.url.split("?", 1)[0] ?? "";
}
