import type { Agent as HttpAgent, ClientRequest } from "node:http";
import type { Agent as HttpsAgent, AgentOptions } from "node:https";
import type { Duplex } from "node:stream";

import { PROXY_REFUSAL } from "./lasting-fault.js";
import { platformModule } from "./platform-module.js";

type Done = (error: Error | null, socket?: Duplex) => void;

interface Target {
  readonly host?: string;
  readonly port?: number | string;
  readonly servername?: string;
}

/**
 * A pool of encrypted connections that lead through an HTTP proxy, by its `CONNECT`. The proxy sees host and port, nothing
 * of what is said. User info of `proxy` goes to the proxy alone.
 */
export function tunnelAgent(
  proxy: URL,
  options: AgentOptions,
  timeoutMs: number,
): HttpsAgent | undefined {
  const https = platformModule("node:https");
  const tls = platformModule("node:tls");
  if (https === undefined || tls === undefined) return undefined;
  const agent = new https.Agent(options);
  const createConnection = (target: Target, done: Done) => {
    const request = askForTunnel(proxy, target, options);
    request?.once("connect", (response, socket) => {
      if (response.statusCode !== 200) {
        socket.destroy();
        return done(refusal(proxy, response.statusCode ?? 0));
      }
      socket.setTimeout(0);
      return done(null, tls.connect({ ...target, port: undefined, socket }));
    });
    request?.once("error", (cause) => {
      const code: unknown = "code" in cause ? cause.code : undefined;
      const error = new Error(`the proxy ${proxy.host}: ${cause.message}`, { cause });
      done(Object.assign(error, { code }));
    });
    request?.setTimeout(timeoutMs, () => {
      request.destroy(new Error(`no connection within ${timeoutMs} ms`));
    });
    request?.end();
  };
  return Object.assign(agent, { createConnection });
}

function refusal(proxy: URL, status: number): Error {
  const error = new Error(`the proxy ${proxy.host} refuses the connection: ${status}`);
  return status >= 400 && status < 500 ? Object.assign(error, { code: PROXY_REFUSAL }) : error;
}

function askForTunnel(
  proxy: URL,
  { host = "", port = 443 }: Target,
  { ca }: AgentOptions,
): ClientRequest | undefined {
  const authority = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  const module = platformModule(proxy.protocol === "https:" ? "node:https" : "node:http");
  return module?.request({
    ...proxyAddress(proxy),
    ca,
    method: "CONNECT",
    path: authority,
    headers: { host: authority, ...proxyAuthorization(proxy) },
    agent: false,
  });
}

/** Where a proxy listens. */
export function proxyAddress({ protocol, hostname, port }: URL): {
  protocol: string;
  host: string;
  port: number;
} {
  const usualPort = protocol === "https:" ? 443 : 80;
  const host = hostname.replaceAll(/^\[|\]$/g, "");
  return { protocol, host, port: port === "" ? usualPort : Number(port) };
}

/** The header that a proxy with user info in its URL asks for. */
export function proxyAuthorization({ username, password }: URL): Record<string, string> {
  if (username === "" && password === "") return {};
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const bytes = new TextEncoder().encode(credentials);
  return { "proxy-authorization": `Basic ${btoa(String.fromCodePoint(...bytes))}` };
}

/** The pools of connections of one transport. */
export interface Pools {
  readonly direct: { readonly "http:": HttpAgent; readonly "https:": HttpsAgent };
  /** The pool of encrypted connections through this proxy. */
  readonly tunnel: (proxy: URL) => HttpsAgent | undefined;
  /** The pool of connections to proxies, for what is not encrypted. */
  readonly forward: (proxy: URL) => HttpAgent;
  /** Closes the connections that are not in use. */
  readonly dropIdle: () => void;
}

/** How connections of a pool are made. */
export interface PoolOptions {
  /** Certificates to trust, PEM; default those that Node brings along. */
  readonly ca: readonly string[] | undefined;
  /** How long a tunnel may take to stand, in milliseconds. */
  readonly connectTimeoutMs: number;
  /** Whether a connection is used again. */
  readonly keepAlive: boolean;
}

/** Pools, empty; undefined on platforms without `node:http`. */
export function createPools(options: PoolOptions): Pools | undefined {
  const { ca, connectTimeoutMs, keepAlive } = options;
  const http = platformModule("node:http");
  const https = platformModule("node:https");
  if (http === undefined || https === undefined) return undefined;
  const pool: AgentOptions = {
    keepAlive,
    scheduling: "lifo",
    ...(ca === undefined ? {} : { ca: [...ca] }),
  };
  const direct = { "http:": new http.Agent(pool), "https:": new https.Agent(pool) };
  const tunnels = new Map<string, HttpsAgent | undefined>();
  return {
    direct,
    tunnel(proxy) {
      if (!tunnels.has(proxy.href))
        tunnels.set(proxy.href, tunnelAgent(proxy, pool, connectTimeoutMs));
      return tunnels.get(proxy.href);
    },
    forward: (proxy) => (proxy.protocol === "https:" ? direct["https:"] : direct["http:"]),
    dropIdle() {
      for (const agent of [...Object.values(direct), ...tunnels.values()]) dropIdle(agent);
    },
  };
}

function dropIdle(agent: HttpAgent | undefined): void {
  const idle = Object.values(agent?.freeSockets ?? {}).flatMap((sockets) => sockets ?? []);
  for (const socket of idle) socket.destroy();
}
