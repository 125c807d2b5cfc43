import type { FastifyRequest } from "fastify";

import { Fault } from "../faults/fault.js";

const HOST = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?$/;

/**
 * The absolute URL of a path of ours (without leading slash), as the client of this request reaches it: clients of the protocol do not
 * take relative ones. Below `publicUrl` if the site has set it, else at the host that the request names.
 *
 * @throws Fault `bad-request` when the request names no host, or one that cannot stand in a URL.
 */
export function publicUrlOf(
  request: FastifyRequest,
  publicUrl: string | undefined,
  path: string,
): string {
  if (publicUrl !== undefined) return `${publicUrl.replace(/\/+$/, "")}/${path}`;
  const { host } = request;
  if (!HOST.test(host)) {
    throw new Fault(
      "bad-request",
      "the request has no valid Host header; send the host and port that you connect to",
    );
  }
  return `${request.protocol}://${host}/${path}`;
}
