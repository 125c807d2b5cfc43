import type { FetchFunction } from "../client-options.js";
import type { StreamBody, Transport, TransportRequest, TransportResponse } from "./transport.js";

/** A transport over a function like the platform's `fetch`. */
export function fetchTransport(fetch: FetchFunction): Transport {
  return async (request) => {
    const response = await fetch(request.url.href, await requestInit(request));
    // Browsers hide where a redirect leads. They follow it themselves, without the token once the origin changes.
    if (response.type === "opaqueredirect" && request.method === "GET") {
      return answer(await fetch(request.url.href, { ...baseInit(request), redirect: "follow" }));
    }
    return answer(response);
  };
}

function answer(response: Response): TransportResponse {
  return {
    status: response.status,
    headers: response.headers,
    body: response.body ?? undefined,
    url: response.redirected ? new URL(response.url) : undefined,
  };
}

/** Headers that browsers set themselves. Some would ask the other origin for permission to set them. */
const SET_BY_BROWSERS: ReadonlySet<string> = new Set([
  "accept-encoding",
  "content-length",
  "user-agent",
]);

function baseInit({ method, headers, signal }: TransportRequest): RequestInit {
  const own = runsInBrowser()
    ? Object.entries(headers).filter(([name]) => !SET_BY_BROWSERS.has(name))
    : Object.entries(headers);
  return {
    method,
    headers: Object.fromEntries(own),
    signal,
    cache: "no-store",
    credentials: "omit",
    referrerPolicy: "no-referrer",
  };
}

async function requestInit(request: TransportRequest): Promise<RequestInit> {
  const { body } = request;
  const init = baseInit(request);
  if (body === undefined || typeof body === "string") {
    return { ...init, body: body ?? null, redirect: "manual" };
  }
  if (runsInBrowser()) {
    return { ...init, body: body.blob ?? (await collectBlob(body)), redirect: "error" };
  }
  // Node's fetch keeps a copy of all it sends in case a redirect asks for it again, unless redirects are errors and
  // there is no window (nodejs/undici issue 4058).
  const streaming = { body: body.open(), redirect: "error", duplex: "half", window: null } as const;
  return { ...init, ...streaming };
}

/** Browsers stream no request body over HTTP/1.1, and never with the Content-Length that storage asks for. */
function collectBlob(body: StreamBody): Promise<Blob> {
  return new Response(body.open()).blob();
}

function runsInBrowser(): boolean {
  return "document" in globalThis || "WorkerGlobalScope" in globalThis;
}
