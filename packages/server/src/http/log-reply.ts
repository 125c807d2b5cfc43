import type { FastifyReply, FastifyRequest } from "fastify";

/**
 * Logs one line about a request once its reply has ended, even if the client has left: Fastify runs
 * no hook in that case. `isCutOff` says that the client did not get all of the reply.
 */
export function logReply(request: FastifyRequest, reply: FastifyReply): void {
  // A connection that is gone has no address.
  const address = request.ip;
  reply.raw.once("close", () => {
    request.log.info(
      {
        method: request.method,
        path: pathOf(request),
        ...(reply.raw.headersSent && { status: reply.statusCode }),
        ms: Math.round(reply.elapsedTime),
        address,
        ...(!reply.raw.writableFinished && { isCutOff: true }),
      },
      "request",
    );
  });
}

/** The path alone: the query of a signed URL is a credential. */
function pathOf(request: FastifyRequest): string {
  return request.url.split("?", 1)[0] ?? "";
}
