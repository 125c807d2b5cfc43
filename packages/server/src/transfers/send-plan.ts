import type { IncomingHttpHeaders } from "node:http";

import type { Digest } from "@sifshelf/protocol";

import { type ByteRange, parseByteRange } from "./byte-range.js";

/** The reply to a request for a blob, planned before a byte is read. */
export interface SendPlan {
  /** 200, 206, 304 (not modified) or 416 (range not satisfiable). */
  readonly status: 200 | 206 | 304 | 416;
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes of the blob to send as the body; null for no body. */
  readonly range: ByteRange | null;
  /** Size of the whole blob. */
  readonly sizeBytes: number;
}

/** A request for a blob. */
export interface SendRequest {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly sizeBytes: number;
  readonly digest: Digest;
  /** File name to suggest. Other characters than letters, digits, ".", "-" become "_". */
  readonly fileName?: string;
}

/**
 * Plans the reply to a GET or HEAD of a blob by RFC 9110: `If-None-Match`, `If-Range` (with a
 * strong ETag, which is the digest) and a single `Range`; for several ranges the whole is sent. For
 * 416 the plan has only the headers; the body is up to the caller.
 */
export function planSend(request: SendRequest): SendPlan {
  const { method, headers, sizeBytes, digest } = request;
  const etag = `"${digest}"`;
  const base = { "accept-ranges": "bytes", etag };
  if (matchesEtag(headers["if-none-match"], etag)) {
    return { status: 304, headers: base, range: null, sizeBytes };
  }
  const range = wantsRange(headers, method, etag)
    ? parseByteRange(headers.range, sizeBytes)
    : undefined;
  if (range === "unsatisfiable") {
    const contentRange = { "content-range": `bytes */${sizeBytes}` };
    return { status: 416, headers: { ...base, ...contentRange }, range: null, sizeBytes };
  }
  const sent = range ?? { start: 0, length: sizeBytes };
  return {
    status: range === undefined ? 200 : 206,
    headers: { ...base, ...contentHeaders(request), ...lengthHeaders(range, sizeBytes) },
    range: method === "HEAD" ? null : sent,
    sizeBytes,
  };
}

// Ranges are defined for GET only.
function wantsRange(headers: IncomingHttpHeaders, method: string, etag: string): boolean {
  if (method !== "GET") return false;
  const condition = headers["if-range"];
  return condition === undefined || condition === etag;
}

/** Compares weakly, as RFC 9110 requires for If-None-Match. */
function matchesEtag(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  const listed = new Set(header.split(",").map((item) => item.trim().replace(/^W\//, "")));
  return listed.has("*") || listed.has(etag);
}

function contentHeaders({ fileName }: SendRequest): Record<string, string> {
  const name = fileName?.replaceAll(/[^A-Za-z0-9._-]/g, "_");
  return {
    "content-type": "application/octet-stream",
    "content-disposition": name ? `attachment; filename="${name}"` : "attachment",
    "x-content-type-options": "nosniff",
  };
}

function lengthHeaders(range: ByteRange | undefined, sizeBytes: number): Record<string, string> {
  if (range === undefined) return { "content-length": String(sizeBytes) };
  const last = range.start + range.length - 1;
  return {
    "content-length": String(range.length),
    "content-range": `bytes ${range.start}-${last}/${sizeBytes}`,
  };
}
