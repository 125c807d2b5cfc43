import { DEFAULT_CONNECT_TIMEOUT_MS, type LibraryClientOptions } from "../client/client-options.js";
import { isRedirect, MAX_REDIRECTS } from "../http/follow.js";
import { nodeTransport, trustedCertificates } from "../http/node/node-transport.js";
import type { Transport } from "../http/transport.js";

/** How {@link networkFetch} reaches servers. The same options as a client's. */
export type NetworkFetchOptions = Pick<LibraryClientOptions, "ca" | "proxy">;

/** Like `fetch`, for GET only. */
export type GetFunction = (
  url: URL | string,
  init?: { readonly signal?: AbortSignal },
) => Promise<Response>;

/**
 * Returns a `fetch` for other documents of a library's site. It uses the same proxy and trusts the
 * same certificates as a client with these options. Redirects are followed, but never from https to
 * http. It rejects with the system's error, which does not contain the proxy's user info.
 *
 * @throws LibraryError `option-not-valid`
 */
export function networkFetch({ ca, proxy }: NetworkFetchOptions): GetFunction {
  const certificates = trustedCertificates(ca);
  const connectTimeoutMs = DEFAULT_CONNECT_TIMEOUT_MS;
  let transport: Transport | undefined;
  return async (target, { signal = new AbortController().signal } = {}) => {
    // Not earlier: most commands find their library without a document.
    transport ??= nodeTransport({ connectTimeoutMs, ca: certificates, proxy });
    if (transport === undefined) throw new Error("this platform has no node:http");
    let url = new URL(target);
    for (let hops = 0; ; hops++) {
      const headers = { "accept-encoding": "identity" };
      const reply = await transport({ method: "GET", url, headers, signal });
      const location = reply.headers.get("location");
      if (!isRedirect(reply.status) || location === null) {
        return new Response(reply.body ?? null, {
          status: reply.status,
          headers: [...reply.headers],
        });
      }
      await reply.body?.cancel();
      url = nextUrl(url, location, hops);
    }
  };
}

function nextUrl(from: URL, location: string, hops: number): URL {
  const next = new URL(location, from);
  const isKept = next.protocol === from.protocol || next.protocol === "https:";
  if (hops < MAX_REDIRECTS && isKept) return next;
  const reason = isKept ? `more than ${MAX_REDIRECTS} times` : "to an unencrypted URL";
  throw new Error(`${from.host} redirects ${reason}`);
}
