import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";

import { ERROR_CODES, type ErrorCode, type ErrorResponse } from "@sifshelf/protocol";

import { faultOf } from "../faults/fault.js";

const CODES: ReadonlyMap<string | undefined, ErrorCode> = new Map([
  ["HPE_HEADER_OVERFLOW", "headers-too-large"],
  ["ERR_HTTP_REQUEST_TIMEOUT", "request-timeout"],
]);

/** Answers what never became a request, because its head is not HTTP, too large or too slow, and closes the connection. */
export function replyToBrokenRequest(
  fault: { readonly code?: string | undefined },
  socket: Socket,
): void {
  if (socket.writable && fault.code !== "ECONNRESET") socket.write(replyTo(fault.code));
  socket.destroy();
}

function replyTo(parserCode: string | undefined): string {
  const reason = CODES.get(parserCode) ?? "bad-request";
  const { status } = ERROR_CODES[reason];
  const error = { code: status, message: faultOf(reason).message, reason };
  const body = JSON.stringify({ error } satisfies ErrorResponse);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}`,
    "Content-Type: application/json; charset=utf-8",
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Connection: close",
  ];
  return `${head.join("\r\n")}\r\n\r\n${body}`;
}
