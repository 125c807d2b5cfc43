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
        status: reply.raw.headersSent ? reply.statusCode : undefined,
        ms: Math.round(reply.elapsedTime),
        address,
        isCutOff: reply.raw.writableFinished ? undefined : true,
      },
      "request",
    );
  });
}

/** The path alone: the query of a signed URL is a credential. */
function pathOf({ url }: FastifyRequest): string {
  const end = url.indexOf("?");
  return end === -1 ? url : url.slice(0, end);
}
