import type { OnReadOpts, Socket } from "node:net";

import { abortError, onAbort } from "../../platform/abort.js";
import { platformModule } from "../../platform/platform.js";
import type { TransportRequest, TransportResponse } from "../transport.js";
import {
  type BlockReply,
  type BlockConnection,
  NoReply,
  NotPlainReply,
  openBlockConnection,
} from "./block-connection.js";
import { blockBodyStream } from "./block-stream.js";

/** How connections are made. */
export interface BlockTransportOptions {
  /** Time allowed to connect, in milliseconds. */
  readonly connectTimeoutMs: number;
  /** PEM certificates to trust instead of Node's own. Default: Node's own. */
  readonly ca?: readonly string[] | undefined;
}

/**
 * Resolves with undefined when the reply cannot be read here; then repeat the request in another
 * way.
 */
export type BlockTransport = (request: TransportRequest) => Promise<TransportResponse | undefined>;

/** Opens a socket to a URL. */
type Connect = (url: URL, onread: OnReadOpts) => Socket;

interface Pool {
  readonly connect: Connect;
  readonly connectTimeoutMs: number;
  /** Connections that wait for another request, by origin. */
  readonly idle: Map<string, Set<BlockConnection>>;
}

/**
 * Creates a transport that fetches large bodies with a fraction of the work of `node:http`, which
 * allocates a new buffer of 64 KiB for each read and so keeps the garbage collector busy. Here,
 * replies are read into two reused blocks per connection. Only for `GET` without a body, directly
 * to the server, over HTTP/1.1. Returns undefined where the platform is not Node.
 */
export function blockTransport(options: BlockTransportOptions): BlockTransport | undefined {
  const connect = connector(options);
  if (connect === undefined) return undefined;
  const pool: Pool = { connect, connectTimeoutMs: options.connectTimeoutMs, idle: new Map() };
  return async (request) => {
    try {
      return await exchange(pool, request);
    } catch (error) {
      if (error instanceof NotPlainReply) return undefined;
      throw error;
    }
  };
}

/** Other platforms have an incomplete `node:net`. */
function connector({ ca }: BlockTransportOptions): Connect | undefined {
  const { process } = globalThis as { process?: Partial<NodeJS.Process> };
  const isNode = process?.release?.name === "node" && !("bun" in (process.versions ?? {}));
  const net = platformModule("node:net");
  const tls = platformModule("node:tls");
  if (!isNode || net === undefined || tls === undefined) return undefined;
  return (url, onread) => {
    const host = url.hostname.replaceAll(/^\[|\]$/g, "");
    const isSecure = url.protocol === "https:";
    const port = url.port === "" ? (isSecure ? 443 : 80) : Number(url.port);
    if (!isSecure) return net.connect({ host, port, onread });
    const servername = net.isIP(host) === 0 ? host : "";
    // The types lack `onread` for encrypted connections, which Node documents.
    const options = { host, port, servername, onread, ...(ca && { ca: [...ca] }) };
    return tls.connect(options);
  };
}

async function exchange(pool: Pool, request: TransportRequest): Promise<TransportResponse> {
  const { url, signal } = request;
  signal.throwIfAborted();
  const [kept] = pool.idle.get(url.origin) ?? [];
  if (kept !== undefined) {
    try {
      pool.idle.get(url.origin)?.delete(kept);
      // Where the network forgot one connection, it forgot the others that were idle for as long.
      const onStuck = () => dropIdle(pool, url);
      return await askOn(kept, request, onStuck);
    } catch (error) {
      // The other side may close an idle connection just as it is used again.
      if (!(error instanceof NoReply) || signal.aborted) throw causeOf(error);
    }
  }
  return askOn(open(pool, url), request).catch((error: unknown) => {
    throw causeOf(error);
  });
}

function causeOf(error: unknown): unknown {
  return error instanceof NoReply ? error.cause : error;
}

function dropIdle({ idle }: Pool, { origin }: URL): void {
  for (const connection of idle.get(origin) ?? []) {
    connection.destroy(new Error("another connection to the same host never replied"));
  }
}

async function askOn(
  connection: BlockConnection,
  request: TransportRequest,
  onStuck: () => void = () => {},
): Promise<TransportResponse> {
  const { signal } = request;
  const abort = () => {
    onStuck();
    connection.destroy(abortError(signal));
  };
  const forget = onAbort(signal, abort);
  try {
    return responseOf(await connection.ask(requestHead(request)), connection, forget);
  } catch (error) {
    forget();
    throw error;
  }
}

function responseOf(
  { head, blocks }: BlockReply,
  connection: BlockConnection,
  forget: () => void,
): TransportResponse {
  const watched: typeof blocks = { drain: (taker) => blocks.drain(taker).finally(forget) };
  const giveUp = () => {
    forget();
    connection.destroy(new Error("the reply is no longer needed"));
  };
  const { status, headers } = head;
  return { status, headers, blocks: watched, body: blockBodyStream(watched, giveUp) };
}

function requestHead({ method, url, headers }: TransportRequest): string {
  const lines = Object.entries({ host: url.host, connection: "keep-alive", ...headers });
  const text = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return `${method} ${url.pathname}${url.search} HTTP/1.1\r\n${text}\r\n`;
}

function open({ connect, connectTimeoutMs, idle }: Pool, url: URL): BlockConnection {
  const kept = idle.get(url.origin) ?? new Set();
  idle.set(url.origin, kept);
  let socket: Socket | undefined;
  const { ask, destroy } = openBlockConnection({
    connect: (onread) => (socket = connect(url, onread)),
    stopsAtOnce: url.protocol === "http:",
    onIdle() {
      // An idle connection does not keep the process alive.
      socket?.unref();
      kept.add(connection);
    },
    onClose: () => void kept.delete(connection),
  });
  const connection: BlockConnection = {
    ask(head) {
      socket?.ref();
      return ask(head);
    },
    destroy,
  };
  const timer = setTimeout(() => {
    destroy(new Error(`no connection within ${connectTimeoutMs} ms`));
  }, connectTimeoutMs);
  const connected = url.protocol === "https:" ? "secureConnect" : "connect";
  for (const event of [connected, "close"]) socket?.once(event, () => clearTimeout(timer));
  return connection;
}
