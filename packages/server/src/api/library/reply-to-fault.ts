import {
  ERROR_CODES,
  type ErrorCode,
  type ErrorResponse,
  errorCodeOf,
  isWireError,
} from "@sifshelf/protocol";
import type { FastifyReply, FastifyRequest } from "fastify";

import { Fault, faultOf } from "../../faults/fault.js";

/** What a reply to a fault says: the status, the code of the catalogue, and a text for the user. */
interface FaultReply {
  readonly status: number;
  readonly reason: ErrorCode;
  readonly message: string;
}

/** When to try again what failed only because the library was busy, in seconds. */
const RETRY_AFTER_S = 2;

/**
 * Replies to whatever was thrown. A domain fault is told as it is; anything else is a 500 whose cause goes to the log alone.
 */
export async function replyToFault(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const fault = faultReplyOf(error);
  if (fault.status >= 500) request.log.error({ err: error }, "request failed");
  // Once bytes of an image are on their way, only cutting the connection tells the client that they are not all there.
  if (reply.raw.headersSent) {
    reply.raw.destroy();
    return;
  }
  if (fault.status === 503 || fault.status === 429) void reply.header("retry-after", RETRY_AFTER_S);
  if (fault.status === 401) void reply.header("www-authenticate", 'Bearer realm="library"');
  await reply.code(fault.status).send(faultBody(fault, request.id));
}

/** The body of a reply to a fault. */
export function faultBody(fault: FaultReply, requestId: string): ErrorResponse {
  const { status, message, reason } = fault;
  return { error: { code: status, message, reason, requestID: requestId } };
}

/** How any thrown value is told to a client. */
export function faultReplyOf(error: unknown): FaultReply {
  const fault = asLibraryFault(error);
  const { status } = ERROR_CODES[fault.code];
  const message = status === 500 ? faultOf("internal").message : fault.message;
  return { status, reason: fault.code, message };
}

function asLibraryFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  if (isWireError(error)) return new Fault("bad-request", error.message, { cause: error });
  const status = frameworkStatus(error);
  if (status === undefined || status >= 500) return faultOf("internal");
  return faultOf(errorCodeOf(status) ?? "bad-request");
}

/** The status that Fastify gives its own errors, a malformed URL for one. */
function frameworkStatus(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("statusCode" in error)) return undefined;
  return typeof error.statusCode === "number" ? error.statusCode : undefined;
}
