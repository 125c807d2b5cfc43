import { randomUUID } from "node:crypto";
import { type RequestListener, type Server, createServer } from "node:http";

import {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
  fastify,
} from "fastify";

import { faultOf } from "../faults/fault.js";
import type { FaultReport } from "../faults/report-fault.js";
import { brokenRequestReplier } from "./broken-request.js";
import { addCors, allowOrigin } from "./cors.js";
import { discardBody } from "./discard-body.js";
import type { FaultReplier } from "./fault-replier.js";
import { logReply } from "./log-reply.js";
import { oneRequestAtATime } from "./one-request-at-a-time.js";
import { trackHandlers } from "./running-handlers.js";

/** What the HTTP shell is built on. */
export interface HttpAppOptions {
  readonly logger: FastifyBaseLogger;
  /** How long the client may take to read any of a reply, in milliseconds. */
  readonly idleTimeoutMs: number;
  /** Replies to errors of requests that no protocol's plugin handles, and sets their headers. */
  readonly replyToFault: FaultReplier;
  /** Returns the JSON body of the reply to what is not HTTP. */
  readonly renderBrokenRequest: (report: FaultReport) => unknown;
  /** Proxies whose `X-Forwarded-*` headers are trusted: addresses, networks. Default: none. */
  readonly trustProxy?: readonly string[] | undefined;
  /** Origins of pages that may use the service; `["*"]`: all. Default: none but its own. */
  readonly corsOrigins?: readonly string[] | undefined;
  /** Time allowed for the head of a request, in milliseconds. Default: 30 s. */
  readonly headersTimeoutMs?: number | undefined;
  /** How long a connection without a request is kept, in milliseconds. Default: 65 s. */
  readonly keepAliveTimeoutMs?: number | undefined;
  /** Most requests in flight, without transfers; others are told to retry. Default: 1024. */
  readonly maxRequests?: number | undefined;
}

/** Longest parameter in a path: a name of 255 characters, each percent-encoded. */
const MAX_PARAM_LENGTH = 3 * 255;

/** Longest head of a request, in bytes. */
const MAX_HEADERS_BYTES = 16 * 1024;

/** Headers are small and come at once. */
const HEADERS_TIMEOUT_MS = 30_000;

/** Node checks every 30 s by default, which would give a slow head twice its time. */
const CHECKS_PER_HEADERS_TIMEOUT = 6;

/** Longer than proxies keep idle connections, so that they close first and lose no request. */
const KEEP_ALIVE_TIMEOUT_MS = 65_000;

/**
 * Creates the HTTP shell: limits, connection times, request ids, CORS, log lines, the default error
 * replies. It has no routes and knows no protocol; protocols are plugins with their own error
 * bodies. Request bodies stay streams: a plugin reads or parses what it needs.
 */
export function createHttpApp(options: HttpAppOptions): FastifyInstance {
  const { corsOrigins = [], replyToFault } = options;
  const app = fastify({
    loggerInstance: options.logger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID(),
    trustProxy: options.trustProxy === undefined ? false : [...options.trustProxy],
    routerOptions: { ignoreDuplicateSlashes: true, maxParamLength: MAX_PARAM_LENGTH },
    serverFactory: (listener) => createHttpServer(listener, options),
    // For a URL that Fastify does not even look up. It runs no hooks then.
    frameworkErrors: (error, request, reply) => {
      startReply(request, reply);
      allowOrigin(corsOrigins, request, reply);
      reply.raw.once("close", () => discardBody(request.raw));
      void replyToFault(error, request, reply);
    },
    clientErrorHandler: brokenRequestReplier(options.renderBrokenRequest),
  });
  trackHandlers(app, { maxRunning: options.maxRequests });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, _body, done) => done(null));
  app.setErrorHandler(replyToFault);
  app.setNotFoundHandler((request, reply) => replyToFault(faultOf("not-found"), request, reply));
  addHooks(app, options.idleTimeoutMs);
  addCors(app, corsOrigins);
  return app;
}

function createHttpServer(listener: RequestListener, options: HttpAppOptions): Server {
  const { headersTimeoutMs = HEADERS_TIMEOUT_MS, keepAliveTimeoutMs = KEEP_ALIVE_TIMEOUT_MS } =
    options;
  return createServer(
    {
      maxHeaderSize: MAX_HEADERS_BYTES,
      headersTimeout: headersTimeoutMs,
      connectionsCheckingInterval: Math.ceil(headersTimeoutMs / CHECKS_PER_HEADERS_TIMEOUT),
      // A limit on the whole would end long uploads; bodies have limits of their own, by progress.
      requestTimeout: 0,
      keepAliveTimeout: keepAliveTimeoutMs,
    },
    oneRequestAtATime(listener),
  );
}

function addHooks(app: FastifyInstance, idleTimeoutMs: number): void {
  app.addHook("onRequest", (request, reply, done) => {
    startReply(request, reply);
    done();
  });
  app.addHook("onSend", (_request, { raw }, _payload, done) => {
    // From now on only the client can hold the reply up; until now it may have been our work.
    raw.setTimeout(idleTimeoutMs, () => raw.destroy());
    done();
  });
  app.addHook("onResponse", ({ raw }, _reply, done) => {
    discardBody(raw);
    done();
  });
}

function startReply(request: FastifyRequest, reply: FastifyReply): void {
  void reply.header("x-content-type-options", "nosniff").header("x-request-id", request.id);
  logReply(request, reply);
}
