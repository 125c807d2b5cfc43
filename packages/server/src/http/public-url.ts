import type { FastifyRequest } from "fastify";

import { Fault } from "../faults/fault.js";

const HOST = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?$/;

/**
 * Returns the URL, without a slash at its end, under which the client of this request reaches the
 * server: `publicUrl` if the site has set it, else the host that the request names.
 *
 * @throws Fault `bad-request` when the request names no host, or one that cannot stand in a URL.
 */
export function publicBaseOf(request: FastifyRequest, publicUrl: string | undefined): string {
  if (publicUrl !== undefined) return publicUrl.replace(/\/+$/, "");
  const { host } = request;
  if (!HOST.test(host)) {
    throw new Fault(
      "bad-request",
      "the request has no valid Host header; send the host and port that you connect to",
    );
  }
  return `${request.protocol}://${host}`;
}

/**
 * Returns the absolute URL of one of our paths (without leading slash), as the client of this
 * request reaches it: clients of the Library protocol do not take relative ones.
 *
 * @throws Fault `bad-request` as {@link publicBaseOf}.
 */
export function publicUrlOf(
  request: FastifyRequest,
  publicUrl: string | undefined,
  path: string,
): string {
  return `${publicBaseOf(request, publicUrl)}/${path}`;
}
