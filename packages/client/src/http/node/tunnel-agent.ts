import type { ClientRequest } from "node:http";
import type { Agent as HttpsAgent, AgentOptions } from "node:https";
import type { Duplex } from "node:stream";

import { PROXY_REFUSAL } from "../../errors/library-error.js";
import { platformModule } from "../../platform/platform.js";

type Done = (error: Error | null, socket?: Duplex) => void;

interface Target {
  readonly host?: string;
  readonly port?: number | string;
  readonly servername?: string;
}

/**
 * Creates a pool of encrypted connections through an HTTP proxy, opened with `CONNECT`. The proxy
 * sees host and port, but none of the contents. User info of `proxy` is sent only to the proxy.
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
  const error = new Error(`the proxy ${proxy.host} refused the connection: ${status}`);
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

/** Returns where a proxy listens. */
export function proxyAddress({ protocol, hostname, port }: URL): {
  protocol: string;
  host: string;
  port: number;
} {
  const usualPort = protocol === "https:" ? 443 : 80;
  const host = hostname.replaceAll(/^\[|\]$/g, "");
  return { protocol, host, port: port === "" ? usualPort : Number(port) };
}

/** Returns the header for a proxy with user info in its URL. */
export function proxyAuthorization({ username, password }: URL): Record<string, string> {
  if (username === "" && password === "") return {};
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const bytes = new TextEncoder().encode(credentials);
  return { "proxy-authorization": `Basic ${btoa(String.fromCodePoint(...bytes))}` };
}
