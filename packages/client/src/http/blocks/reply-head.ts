import { type ReplyHeaders, replyHeaders } from "../transport.js";

/** The head of an answer whose body is nothing but as many bytes as it says. */
export interface ReplyHead {
  readonly status: number;
  readonly headers: ReplyHeaders;
  /** Length of the body in bytes. */
  readonly length: number;
  /** Whether another request may follow on the connection. */
  readonly keepsAlive: boolean;
}

/** Longest head that is read, in bytes; Node's own limit. */
export const MAX_HEAD_BYTES = 16 * 1024;

/** Statuses that have no body, whatever the headers say. */
const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 304]);

/**
 * The head of an answer, without the empty line at its end. Undefined for whatever is not plainly HTTP/1.1 with a body
 * of known length: interim answers, chunked bodies, folded lines. Those are left to a parser that knows all of HTTP.
 */
export function parseReplyHead(text: string): ReplyHead | undefined {
  const [statusLine = "", ...lines] = text.split("\r\n");
  const status = Number(
    /^HTTP\/1\.1 ([2-5][0-9]{2})(?: [\t\x20-\x7e\x80-\xff]*)?$/.exec(statusLine)?.[1],
  );
  if (Number.isNaN(status) || WITHOUT_BODY.has(status)) return undefined;
  const headers = parseHeaders(lines);
  if (headers === undefined || headers.get("transfer-encoding") !== null) return undefined;
  // A header that stands twice is joined, and then no number.
  const length = headers.get("content-length") ?? "";
  if (!/^[0-9]{1,15}$/.test(length)) return undefined;
  const keepsAlive = !/\bclose\b/i.test(headers.get("connection") ?? "");
  return { status, headers, length: Number(length), keepsAlive };
}

function parseHeaders(lines: readonly string[]): ReplyHeaders | undefined {
  const headers: [string, string][] = [];
  for (const line of lines) {
    const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    // Control characters, a lone CR or LF among them, are no part of a header.
    if (name === undefined || value === undefined || !/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
      return undefined;
    }
    headers.push([name, value]);
  }
  return replyHeaders(headers);
}
