import type { Agent as HttpAgent } from "node:http";
import type { AgentOptions, Agent as HttpsAgent } from "node:https";

import { platformModule } from "../../platform/platform.js";
import { tunnelAgent } from "./tunnel-agent.js";

/** The connection pools of one transport. */
export interface Pools {
  readonly direct: { readonly "http:": HttpAgent; readonly "https:": HttpsAgent };
  /** The pool of encrypted connections through this proxy. */
  readonly tunnel: (proxy: URL) => HttpsAgent | undefined;
  /** The pool of connections to a proxy for unencrypted requests. */
  readonly forward: (proxy: URL) => HttpAgent;
  /** Closes idle connections. */
  readonly dropIdle: () => void;
}

/** How the connections of a pool are made. */
export interface PoolOptions {
  /** PEM certificates to trust. Default: Node's own. */
  readonly ca: readonly string[] | undefined;
  /** Time allowed to open a tunnel, in milliseconds. */
  readonly connectTimeoutMs: number;
  /** Whether connections are reused. */
  readonly keepAlive: boolean;
}

/** Creates empty pools. Returns undefined on platforms without `node:http`. */
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
