import type { ClientRequest, IncomingMessage, RequestOptions } from "node:http";

import { nodeBodyStream } from "./node-body-stream.js";
import { platformModule } from "./platform-module.js";
import { sendNodeBody } from "./send-node-body.js";
import type { Transport, TransportRequest, TransportResponse } from "./transport.js";

type StartRequest = (request: TransportRequest, options: RequestOptions) => ClientRequest;

/**
 * A transport over `node:http` and `node:https` with a connection pool of its own; undefined on platforms without
 * them. Unlike Node's `fetch` it keeps no copy of what it sends and has no time limits of its own.
 */
export function nodeTransport(): Transport | undefined {
  const http = platformModule("node:http");
  const https = platformModule("node:https");
  if (http === undefined || https === undefined) return undefined;
  const pool = { keepAlive: true, scheduling: "lifo" } as const;
  const agents = { "http:": new http.Agent(pool), "https:": new https.Agent(pool) };
  const start: StartRequest = ({ url, method, headers }, options) => {
    const agent = url.protocol === "https:" ? agents["https:"] : agents["http:"];
    const module = url.protocol === "https:" ? https : http;
    return module.request(url, { agent, method, headers: { ...headers }, ...options });
  };
  return async (request) => {
    try {
      return await exchange(start, request, {});
    } catch (error) {
      // The other side may close an idle connection just as it is used again; nothing was answered on it.
      if (!(error instanceof StaleConnection)) throw error;
      return exchange(start, request, { agent: false });
    }
  };
}

class StaleConnection extends Error {}

function exchange(
  start: StartRequest,
  request: TransportRequest,
  options: RequestOptions,
): Promise<TransportResponse> {
  return new Promise((resolve, reject) => {
    const { signal } = request;
    signal.throwIfAborted();
    const outgoing = start(request, options);
    const abort = () => outgoing.destroy(asError(signal.reason));
    signal.addEventListener("abort", abort, { once: true });
    outgoing.once("close", () => signal.removeEventListener("abort", abort));
    outgoing.once("response", (incoming) => resolve(answer(incoming)));
    outgoing.on("error", (error) => {
      const isStale = outgoing.reusedSocket && isReset(error) && !signal.aborted;
      reject(isStale ? new StaleConnection("", { cause: error }) : error);
    });
    sendNodeBody(outgoing, request.body);
  });
}

function isReset(error: Error): boolean {
  return "code" in error && (error.code === "ECONNRESET" || error.code === "EPIPE");
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error("aborted", { cause: reason });
}

function answer(incoming: IncomingMessage): TransportResponse {
  const headers = new Headers();
  const { rawHeaders } = incoming;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    headers.append(rawHeaders[index] ?? "", rawHeaders[index + 1] ?? "");
  }
  return { status: incoming.statusCode ?? 0, headers, body: nodeBodyStream(incoming) };
}
