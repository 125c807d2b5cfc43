import { MAX_JSON_BYTES } from "@sifshelf/protocol";

import { onAbort } from "../../platform/abort.js";
import type { TransportResponse } from "../transport.js";

/** A request whose body is a blob. */
export interface BlobRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly blob: Blob;
  readonly signal: AbortSignal;
  /** Receives the number of bytes sent so far. */
  readonly onSent: (bytes: number) => void;
}

/**
 * Sends a blob and resolves with the reply. Rejects when the connection fails, or with the signal's
 * reason.
 */
export type BlobSender = (request: BlobRequest) => Promise<TransportResponse>;

/**
 * Returns a sender that uses `XMLHttpRequest`: in browsers, nothing else reports how much was sent,
 * and so tells a slow upload from a dead one. Undefined on platforms without it, such as service
 * workers.
 */
export function xhrBlobSender(): BlobSender | undefined {
  if (typeof XMLHttpRequest === "undefined") return undefined;
  return (request) =>
    new Promise((resolve, reject) => {
      const { signal, blob, onSent } = request;
      const xhr = new XMLHttpRequest();
      const abort = () => {
        reject(signal.reason);
        xhr.abort();
      };
      const settle = (outcome: () => void) => {
        stopListening();
        outcome();
      };
      xhr.upload.addEventListener("progress", ({ loaded }) => onSent(loaded));
      xhr.upload.addEventListener("load", () => onSent(blob.size));
      xhr.addEventListener("progress", ({ loaded }) => {
        // Replies to uploads have a few hundred bytes; this one would exhaust memory.
        if (loaded > MAX_JSON_BYTES) xhr.abort();
      });
      xhr.addEventListener("load", () => settle(() => resolve(responseOf(xhr, request))));
      xhr.addEventListener("error", () => settle(() => reject(new TypeError("sending failed"))));
      xhr.addEventListener("abort", () =>
        settle(() => reject(new TypeError("sending was aborted"))),
      );
      const stopListening = onAbort(signal, abort);
      if (!signal.aborted) start(xhr, request);
    });
}

function start(xhr: XMLHttpRequest, { method, url, headers, blob }: BlobRequest): void {
  xhr.open(method, url.href);
  xhr.responseType = "blob";
  for (const [name, value] of Object.entries(headers)) xhr.setRequestHeader(name, value);
  xhr.send(blob);
}

/**
 * Uploads must not be redirected. A redirect that the browser followed anyway is reported as the
 * redirect it was.
 */
function responseOf(xhr: XMLHttpRequest, { url }: BlobRequest): TransportResponse {
  const wasRedirected = xhr.responseURL !== `${url.origin}${url.pathname}${url.search}`;
  const body: unknown = xhr.response;
  return {
    status: wasRedirected ? 307 : xhr.status,
    headers: headersOf(xhr.getAllResponseHeaders()),
    body: body instanceof Blob ? body.stream() : undefined,
  };
}

/** Parses headers from lines of names, which browsers write in lower case, and values. */
function headersOf(text: string): Headers {
  const headers = new Headers();
  for (const line of text.split("\r\n")) {
    const colon = line.indexOf(":");
    if (colon > 0) headers.append(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  return headers;
}
