import {
  decode,
  ERROR_CODES,
  errorCodeOf,
  ErrorResponseSchema,
  MAX_ERROR_BODY_BYTES,
  parseJson,
} from "@sifshelf/protocol";

import { LibraryError } from "../errors/library-error.js";
import type { Connection } from "./connection.js";
import { readLimited } from "./read-body.js";
import { redactText, redactUrl } from "./redact.js";
import { isSameOrigin } from "./origin.js";
import type { ReplyHeaders } from "./transport.js";
import type { LibraryReply } from "./send.js";

/** Longest excerpt of a server's message that is passed on, in characters. */
const MAX_MESSAGE_LENGTH = 1_000;

/** Returns the error for a reply with an error status. Reads its body. */
export async function replyError(
  connection: Connection,
  reply: LibraryReply,
): Promise<LibraryError> {
  const { status, request } = reply;
  const said = await readErrorBody(connection, reply);
  const code = errorCodeOf(status, said.reason);
  const side = isSameOrigin(reply.url, connection.baseUrl) ? "the library" : "the storage";
  const { meaning = "", advice = "" } = code === undefined ? {} : ERROR_CODES[code];
  const what = said.message || meaning;
  const url = redactUrl(reply.url);
  const message =
    `${request.method} ${url}: ${side} replied with ${status}` +
    `${what === "" ? "" : `: ${what}`}${advice === "" ? "" : `; ${advice}`}`;
  return new LibraryError(code ?? "unexpected-status", message, {
    status,
    method: request.method,
    url,
    requestId: said.requestId,
    serverMessage: said.message === "" ? undefined : said.message,
    retryAfterMs: retryAfterMs(reply.headers),
  });
}

interface ErrorBody {
  readonly message: string;
  readonly reason?: string | undefined;
  readonly requestId?: string | undefined;
}

async function readErrorBody(connection: Connection, reply: LibraryReply): Promise<ErrorBody> {
  const clean = (text: string | undefined) =>
    text === undefined ? undefined : oneLine(redactText(text, connection.token()));
  const fromHeader = clean(reply.headers.get("x-request-id") ?? undefined);
  try {
    const { text } = await readLimited(reply.body, MAX_ERROR_BODY_BYTES);
    const { error } = decode(ErrorResponseSchema, parseJson(text, "error reply"), "error reply");
    return {
      message: clean(error.message) ?? "",
      reason: error.reason,
      requestId: clean(error.requestID) ?? fromHeader,
    };
  } catch {
    // The status alone is enough. A body that is not JSON is a page of some proxy and would not
    // help.
    reply.request.signal?.throwIfAborted();
    return { message: "", requestId: fromHeader };
  }
}

/** Removes control characters, which could move a terminal's cursor, and limits the length. */
function oneLine(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, " ").trim();
  return line.length > MAX_MESSAGE_LENGTH ? `${line.slice(0, MAX_MESSAGE_LENGTH)}…` : line;
}

/** Parses `Retry-After`, in seconds or as an HTTP date (RFC 9110, 10.2.3). */
function retryAfterMs(headers: ReplyHeaders): number | undefined {
  const value = headers.get("retry-after")?.trim() ?? "";
  if (/^[0-9]{1,9}$/.test(value)) return Number(value) * 1_000;
  // `Date.parse` accepts almost anything; HTTP dates end in GMT.
  const time = value.endsWith("GMT") ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(time)) return undefined;
  // Measured by the server's clock where the reply tells it: this machine's may be wrong.
  const sentAt = Date.parse(headers.get("date") ?? "");
  return Math.max(0, time - (Number.isNaN(sentAt) ? Date.now() : sentAt));
}
