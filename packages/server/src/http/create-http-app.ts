import { randomUUID } from "node:crypto";

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
import { awaitHandlersOnClose } from "./running-handlers.js";

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
 * replies. It has no routes and knows no protocol; protocols are plugins with their own error bodies.
 * Request bodies stay streams: a plugin reads or parses what it needs.
 */
export function createHttpApp(options: HttpAppOptions): FastifyInstance {
  const { headersTimeoutMs = HEADERS_TIMEOUT_MS, corsOrigins = [], replyToFault } = options;
  const app = fastify({
    loggerInstance: options.logger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID(),
    trustProxy: options.trustProxy === undefined ? false : [...options.trustProxy],
    routerOptions: { ignoreDuplicateSlashes: true, maxParamLength: MAX_PARAM_LENGTH },
    http: {
      maxHeaderSize: MAX_HEADERS_BYTES,
      headersTimeout: headersTimeoutMs,
      connectionsCheckingInterval: Math.ceil(headersTimeoutMs / CHECKS_PER_HEADERS_TIMEOUT),
    },
    // A limit on the whole would end long uploads; bodies have limits of their own, by progress.
    requestTimeout: 0,
    keepAliveTimeout: options.keepAliveTimeoutMs ?? KEEP_ALIVE_TIMEOUT_MS,
    // For a URL that Fastify does not even look up. It runs no hooks then.
    frameworkErrors: (error, request, reply) => {
      startReply(request, reply);
      allowOrigin(corsOrigins, request, reply);
      reply.raw.once("close", () => discardBody(request.raw));
      void replyToFault(error, request, reply);
    },
    clientErrorHandler: brokenRequestReplier(options.renderBrokenRequest),
  });
  awaitHandlersOnClose(app);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, _body, done) => done(null));
  app.setErrorHandler(replyToFault);
  app.setNotFoundHandler((request, reply) => replyToFault(faultOf("not-found"), request, reply));
  addHooks(app, options.idleTimeoutMs);
  addCors(app, corsOrigins);
  return app;
}

function addHooks(app: FastifyInstance, idleTimeoutMs: number): void {
  app.addHook("onRequest", async (request, reply) => startReply(request, reply));
  app.addHook("onSend", async (_request, { raw }) => {
    // From now on only the client can hold the reply up; until now it may have been our work.
    raw.setTimeout(idleTimeoutMs, () => raw.destroy());
  });
  app.addHook("onResponse", async ({ raw }) => discardBody(raw));
}

function startReply(request: FastifyRequest, reply: FastifyReply): void {
  void reply.headers({ "x-content-type-options": "nosniff", "x-request-id": request.id });
  logReply(request, reply);
}
