import type { IncomingHttpHeaders } from "node:http";

import type { Digest } from "@sifshelf/protocol";

import { type ByteRange, parseByteRange } from "./byte-range.js";

/** A reply to a request for a blob, decided before a byte is read. */
export interface SendPlan {
  /** 200, 206, 304 (not modified) or 416 (range not satisfiable). */
  readonly status: 200 | 206 | 304 | 416;
  readonly headers: Readonly<Record<string, string>>;
  /** What the body is made of; null if there is none. */
  readonly range: ByteRange | null;
  /** Size of the whole blob. */
  readonly sizeBytes: number;
}

/** What is asked for, and of what. */
export interface SendRequest {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly sizeBytes: number;
  readonly digest: Digest;
  /** Name offered to whoever saves the file; letters, digits, dots, dashes and underscores. */
  readonly fileName?: string;
}

/**
 * Decides the reply to a GET or HEAD of a blob by RFC 9110: `If-None-Match`, `If-Range` (strong ETag, which is the digest) and
 * `Range` (single; of several the whole is sent). For 416 only the headers are decided, the body is the caller's.
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

/** Weak comparison, as If-None-Match wants it. */
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
