import type { Agent as HttpAgent } from "node:http";
import type { AgentOptions, Agent as HttpsAgent } from "node:https";

import { platformModule } from "../../platform.js";
import { tunnelAgent } from "./tunnel-agent.js";

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
