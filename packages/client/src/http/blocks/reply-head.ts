import { type ReplyHeaders, replyHeaders } from "../transport.js";

/** The head of a reply whose body is a known number of plain bytes. */
export interface ReplyHead {
  readonly status: number;
  readonly headers: ReplyHeaders;
  /** Length of the body in bytes. */
  readonly length: number;
  /** Whether the connection accepts another request. */
  readonly keepsAlive: boolean;
}

/** Longest head that is read, in bytes: Node's own limit. */
export const MAX_HEAD_BYTES = 16 * 1024;

/** Statuses without a body, whatever the headers say. */
const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 304]);

/**
 * Parses the head of a reply, without the empty line at its end. Returns undefined for anything but
 * plain HTTP/1.1 with a body of known length, such as interim replies, chunked bodies and folded
 * lines, which are left to a complete HTTP parser.
 */
export function parseReplyHead(text: string): ReplyHead | undefined {
  const [statusLine = "", ...lines] = text.split("\r\n");
  const status = Number(
    /^HTTP\/1\.1 ([2-5][0-9]{2})(?: [\t\x20-\x7e\x80-\xff]*)?$/.exec(statusLine)?.[1],
  );
  if (Number.isNaN(status) || WITHOUT_BODY.has(status)) return undefined;
  const headers = parseHeaders(lines);
  if (headers === undefined || headers.get("transfer-encoding") !== null) return undefined;
  // A repeated header is joined, and then not a number.
  const length = headers.get("content-length") ?? "";
  if (!/^[0-9]{1,15}$/.test(length)) return undefined;
  const keepsAlive = !/\bclose\b/i.test(headers.get("connection") ?? "");
  return { status, headers, length: Number(length), keepsAlive };
}

function parseHeaders(lines: readonly string[]): ReplyHeaders | undefined {
  const headers: [string, string][] = [];
  for (const line of lines) {
    const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    // Control characters, including a lone CR or LF, are not allowed in a header.
    if (name === undefined || value === undefined || !/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
      return undefined;
    }
    headers.push([name, value]);
  }
  return replyHeaders(headers);
}
