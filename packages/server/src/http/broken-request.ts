import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";

import type { ErrorCode } from "@sifshelf/protocol";

import { faultOf } from "../faults/fault.js";
import { type FaultReport, reportFault } from "../faults/report-fault.js";

const CODES: ReadonlyMap<string | undefined, ErrorCode> = new Map([
  ["HPE_HEADER_OVERFLOW", "headers-too-large"],
  ["ERR_HTTP_REQUEST_TIMEOUT", "request-timeout"],
]);

/**
 * Builds the handler of what never became a request because its head is not HTTP, too large or too
 * slow: it sends one reply and closes the connection.
 *
 * @param render Returns the JSON body. No route is known yet, so no protocol can be asked.
 */
export function brokenRequestReplier(render: (report: FaultReport) => unknown) {
  return (fault: { readonly code?: string | undefined }, socket: Socket): void => {
    const report = reportFault(faultOf(CODES.get(fault.code) ?? "bad-request"));
    if (socket.writable && fault.code !== "ECONNRESET") {
      socket.write(replyText(report.status, JSON.stringify(render(report))));
    }
    socket.destroy();
  };
}

function replyText(status: number, body: string): string {
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}`,
    "Content-Type: application/json; charset=utf-8",
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Connection: close",
  ];
  return `${head.join("\r\n")}\r\n\r\n${body}`;
}
