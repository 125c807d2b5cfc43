import { readBlob, runsInBrowser } from "../../platform/platform.js";
import type { StreamBody, Transport, TransportRequest, TransportResponse } from "../transport.js";
import type { BlobSender } from "./send-blob.js";

/** A function like the platform's `fetch`. */
export type FetchFunction = (input: string | URL, init?: RequestInit) => Promise<Response>;

/**
 * Creates a transport over a function like the platform's `fetch`. In browsers, `sendBlob` sends
 * files if given.
 */
export function fetchTransport(fetch: FetchFunction, sendBlob?: BlobSender): Transport {
  if (!runsInBrowser()) {
    return async (request) => {
      const { href } = request.url;
      const response = await fetch(href, nodeInit(request));
      if (!isHidden(response) || request.method !== "GET")
        return transportResponse(request, response);
      return transportResponse(
        request,
        await fetch(href, { ...nodeInit(request), redirect: "follow" }),
      );
    };
  }
  const send = sendBlob ?? fetchBlobSender(fetch);
  return async (request) => {
    const { method, url, body, signal } = request;
    try {
      if (typeof body !== "object") {
        return transportResponse(request, await fetch(url.href, browserInit(request, body)));
      }
      const blob = body.blob ?? (await collectBlob(body));
      const headers = browserHeaders(request);
      return await send({
        method,
        url,
        headers,
        blob,
        signal,
        onSent: (sent) => body.sent?.(sent),
      });
    } catch (error) {
      if (signal.aborted) throw error;
      // Rejects with the reason why the browser could not send a file.
      if (typeof body === "object" && body.blob !== undefined)
        await readBlob(body.blob.slice(0, 1));
      throw explained(error, url);
    }
  };
}

function transportResponse(
  { method, url }: Pick<TransportRequest, "method" | "url">,
  response: Response,
): TransportResponse {
  const { status, headers, body, redirected } = response;
  if (isHidden(response) && method !== "GET") {
    return { status: 303, headers: new Headers({ location: url.href }), body: undefined };
  }
  return {
    status,
    headers,
    body: body ?? undefined,
    url: redirected ? new URL(response.url) : undefined,
  };
}

/** Browsers hide where a redirect leads, and even its status. */
function isHidden({ type }: Response): boolean {
  return type === "opaqueredirect";
}

function baseInit({ method, signal }: Pick<TransportRequest, "method" | "signal">): RequestInit {
  return {
    method,
    signal,
    cache: "no-store",
    credentials: "omit",
    referrerPolicy: "no-referrer",
  };
}

function nodeInit(request: TransportRequest): RequestInit {
  const { body } = request;
  const init = { ...baseInit(request), headers: request.headers };
  if (typeof body !== "object") return { ...init, body: body ?? null, redirect: "manual" };
  // Node's fetch keeps a copy of everything it sends in case a redirect requires it again, unless
  // redirects are errors and there is no window (nodejs/undici issue 4058).
  const streaming = { body: body.open(), redirect: "error", duplex: "half", window: null } as const;
  return { ...init, ...streaming };
}

/** Only the browser can follow redirects. It drops the token when the origin changes. */
function browserInit(request: TransportRequest, body: string | undefined): RequestInit {
  const redirect = request.method === "GET" ? "follow" : "manual";
  const headers = browserHeaders(request);
  return { ...baseInit(request), headers, body: body ?? null, redirect };
}

/** Headers that browsers set themselves. Some would require the other origin's permission. */
const SET_BY_BROWSERS: ReadonlySet<string> = new Set([
  "accept-encoding",
  "content-length",
  "user-agent",
]);

function browserHeaders({ headers }: TransportRequest): Record<string, string> {
  const own = Object.entries(headers).filter(([name]) => !SET_BY_BROWSERS.has(name));
  return Object.fromEntries(own);
}

/** Everything counts as sent at once, because `fetch` does not report progress. */
function fetchBlobSender(fetch: FetchFunction): BlobSender {
  return async ({ method, url, headers, blob, signal, onSent }) => {
    const request = { method, url, headers, signal };
    const init = { ...baseInit(request), headers, body: blob, redirect: "error" } as const;
    onSent(blob.size);
    return transportResponse(request, await fetch(url.href, init));
  };
}

/**
 * Browsers cannot stream a request body over HTTP/1.1, and never with the Content-Length that
 * storage requires.
 */
function collectBlob(body: StreamBody): Promise<Blob> {
  return new Response(body.open()).blob();
}

/** Browsers do not tell scripts why a request to another origin failed. */
function explained(error: unknown, url: URL): unknown {
  const origin: unknown = globalThis.location?.origin;
  if (!(error instanceof TypeError) || typeof origin !== "string" || origin === url.origin)
    return error;
  const message = `${error.message}: the connection failed, or the server does not allow pages of ${origin} to use it (CORS)`;
  return new TypeError(message, { cause: error });
}
