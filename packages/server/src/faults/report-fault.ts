import { ERROR_CODES, type ErrorCode, errorCodeOf, isWireError } from "@sifshelf/protocol";

import { Fault, faultOf } from "./fault.js";

/** What a client is told about a fault, whatever protocol it speaks. */
export interface FaultReport {
  /** HTTP status of the reply. */
  readonly status: number;
  /** Code of the error catalogue. */
  readonly code: ErrorCode;
  /** For the user; holds no secret. */
  readonly message: string;
}

/**
 * Reports any thrown value. A {@link Fault} keeps its code and message, what the wire schemas
 * reject is a `bad-request`, an error with an HTTP `statusCode` (the framework's) gets the
 * catalogue's entry for that status, and everything else is `internal` with a message that says
 * nothing about the cause.
 */
export function reportFault(error: unknown): FaultReport {
  const { code, message } = asFault(error);
  const { status } = ERROR_CODES[code];
  return { status, code, message: status === 500 ? faultOf("internal").message : message };
}

function asFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  if (isWireError(error)) return new Fault("bad-request", error.message, { cause: error });
  const status = frameworkStatus(error);
  if (status === undefined || status >= 500) return faultOf("internal");
  return faultOf(errorCodeOf(status) ?? "bad-request");
}

/** The status that Fastify gives its own errors, such as a malformed URL. */
function frameworkStatus(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("statusCode" in error)) return undefined;
  return typeof error.statusCode === "number" ? error.statusCode : undefined;
}
