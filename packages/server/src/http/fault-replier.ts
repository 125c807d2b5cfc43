import type { FastifyReply, FastifyRequest } from "fastify";

import { Fault } from "../faults/fault.js";
import { type FaultReport, reportFault } from "../faults/report-fault.js";

/** Replies to what was thrown: an error handler of Fastify. */
export type FaultReplier = (
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
) => Promise<void>;

/** Time after which to retry what failed only because the server was busy, in seconds. */
const RETRY_AFTER_S = 2;

/**
 * Builds a protocol's error handler. The shell decides status, logging and `Retry-After`; `render`
 * returns the protocol's body and sets its headers.
 */
export function faultReplier(
  render: (report: FaultReport, request: FastifyRequest, reply: FastifyReply) => unknown,
): FaultReplier {
  return async function replyToFault(error, request, reply) {
    const report = reportFault(error);
    if (isFailure(report, error)) request.log.error({ err: error }, "request failed");
    // With bytes of an image on their way, only a cut connection says that they are not all there.
    if (reply.raw.headersSent) {
      reply.raw.destroy();
      return;
    }
    const isBusy = report.status === 503 || report.status === 429;
    if (isBusy) void reply.header("retry-after", RETRY_AFTER_S);
    await reply.code(report.status).send(render(report, request, reply));
  };
}

/** A fault without a cause is a decision of ours, such as to refuse work when there is too much. */
function isFailure({ status }: FaultReport, error: unknown): boolean {
  return status >= 500 && !(error instanceof Fault && error.cause === undefined);
}
