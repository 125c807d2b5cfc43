import type { ClientRequest, IncomingMessage } from "node:http";

import { abortError, onAbort } from "../../platform/abort.js";
import { optionError } from "../../errors/library-error.js";
import { platformModule } from "../../platform/platform.js";
import { blockTransport } from "../blocks/block-transport.js";
import {
  replyHeaders,
  type Transport,
  type TransportRequest,
  type TransportResponse,
} from "../transport.js";
import { nodeBodyStream } from "./reply-stream.js";
import { sendNodeBody } from "./send-body.js";
import { proxyAddress, proxyAuthorization } from "./tunnel-agent.js";
import { createPools } from "./connection-pools.js";

/** Starts a request, on an unused connection if `isFresh`. */
type StartRequest = (request: TransportRequest, isFresh: boolean) => ClientRequest;

/** How connections are made. */
export interface NodeTransportOptions {
  /** Time allowed to connect, in milliseconds. */
  readonly connectTimeoutMs: number;
  /** PEM certificates to trust instead of Node's own. Default: Node's own. */
  readonly ca?: readonly string[] | undefined;
  /** Returns the proxy for a URL, or undefined for none. */
  readonly proxy?: ((url: URL) => URL | undefined) | undefined;
}

/**
 * Creates a transport over `node:http` and `node:https` with its own connection pool. Returns
 * undefined on platforms without them. Unlike Node's `fetch`, it keeps no copy of what it sends and
 * has no time limit of its own except for connecting.
 */
export function nodeTransport(transport: NodeTransportOptions): Transport | undefined {
  const { connectTimeoutMs, ca, proxy: proxyFor } = transport;
  const http = platformModule("node:http");
  const https = platformModule("node:https");
  const keptPools = createPools({ ca, connectTimeoutMs, keepAlive: true });
  if (http === undefined || https === undefined || keptPools === undefined) return undefined;
  const start: StartRequest = ({ url, method, headers }, isFresh) => {
    const pools =
      (isFresh ? createPools({ ca, connectTimeoutMs, keepAlive: false }) : undefined) ?? keptPools;
    const proxy = proxyFor?.(url);
    const isSecure = url.protocol === "https:";
    if (proxy !== undefined && !isSecure) {
      const module = proxy.protocol === "https:" ? https : http;
      return module.request({
        ...proxyAddress(proxy),
        agent: pools.forward(proxy),
        method,
        path: `${url.origin}${url.pathname}${url.search}`,
        headers: { host: url.host, ...headers, ...proxyAuthorization(proxy) },
      });
    }
    const direct = pools.direct[isSecure ? "https:" : "http:"];
    const agent = proxy === undefined ? direct : (pools.tunnel(proxy) ?? direct);
    const module = isSecure ? https : http;
    return module.request(url, { agent, method, headers: { ...headers } });
  };
  // Where the network forgot one connection, it forgot the others that were idle for as long.
  const { dropIdle: onStuck } = keptPools;
  const blocks = blockTransport({ connectTimeoutMs, ca });
  return async (request) => {
    const isDirect = request.inBlocks === true && proxyFor?.(request.url) === undefined;
    const inBlocks = isDirect ? await blocks?.(request) : undefined;
    if (inBlocks !== undefined) return inBlocks;
    try {
      return await exchange(start, request, { connectTimeoutMs, onStuck });
    } catch (error) {
      // The other side may close an idle connection just as it is used again; nothing was replied
      // on it.
      if (!(error instanceof StaleConnection)) throw error;
      return exchange(start, request, { connectTimeoutMs, onStuck, isFresh: true });
    }
  };
}

class StaleConnection extends Error {}

interface ExchangeOptions {
  readonly connectTimeoutMs: number;
  /** Called when a reused connection is given up. */
  readonly onStuck: () => void;
  readonly isFresh?: boolean;
}

function exchange(
  start: StartRequest,
  request: TransportRequest,
  { connectTimeoutMs, onStuck, isFresh = false }: ExchangeOptions,
): Promise<TransportResponse> {
  return new Promise((resolve, reject) => {
    const { signal } = request;
    signal.throwIfAborted();
    const outgoing = start(request, isFresh);
    limitConnecting(outgoing, connectTimeoutMs, reject);
    const abort = () => {
      if (outgoing.reusedSocket) onStuck();
      outgoing.destroy(abortError(signal));
    };
    outgoing.once("close", onAbort(signal, abort));
    outgoing.once("response", (incoming) => resolve(transportResponse(incoming)));
    outgoing.on("error", (error) => {
      const isStale = outgoing.reusedSocket && isReset(error) && !signal.aborted;
      reject(isStale ? new StaleConnection("", { cause: error }) : error);
    });
    sendNodeBody(outgoing, request.body);
  });
}

/**
 * The time runs until the request has a connection: a reused one, a new one, or one through a
 * proxy.
 */
function limitConnecting(
  outgoing: ClientRequest,
  timeoutMs: number,
  reject: (error: Error) => void,
): void {
  const timer = setTimeout(() => {
    const error = new Error(`no connection within ${timeoutMs} ms`);
    outgoing.destroy(error);
    // A request that waits for its connection reports its end only once it has one.
    reject(error);
  }, timeoutMs);
  const stop = () => clearTimeout(timer);
  outgoing.once("close", stop);
  outgoing.once("socket", (socket) => {
    if (socket.connecting) socket.once("connect", stop);
    else stop();
  });
}

function isReset(error: Error): boolean {
  return "code" in error && (error.code === "ECONNRESET" || error.code === "EPIPE");
}

function transportResponse(incoming: IncomingMessage): TransportResponse {
  const headers = replyHeaders(headerLines(incoming));
  return { status: incoming.statusCode ?? 0, headers, body: nodeBodyStream(incoming) };
}

function* headerLines({ rawHeaders }: IncomingMessage): Iterable<[string, string]> {
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    yield [rawHeaders[index] ?? "", rawHeaders[index + 1] ?? ""];
  }
}

/**
 * Returns the certificates to trust: those of `ca` (PEM) in addition to Node's own. A list given to
 * Node replaces its own, so the list repeats them. Those of `NODE_EXTRA_CA_CERTS` are not available
 * in Node 20.
 *
 * @throws LibraryError `option-not-valid`
 */
export function trustedCertificates(ca: string | undefined): readonly string[] | undefined {
  if (ca === undefined) return undefined;
  if (!ca.includes("-----BEGIN CERTIFICATE-----"))
    throw optionError("ca contains no PEM certificate");
  return [...(platformModule("node:tls")?.rootCertificates ?? []), ca];
}
