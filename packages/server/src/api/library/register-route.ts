import { ROUTES, type RouteName, type RouteParams } from "@sifshelf/protocol";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

import { type PrincipalOf, authorise } from "./authorise.js";
import type { Library } from "../../library/library.js";

/** What routes are built on. */
export interface RouteDeps {
  readonly app: FastifyInstance;
  readonly library: Library;
}

/** One request, authorised by the access table, with the parameters of its path. */
export interface Call<Name extends RouteName> {
  readonly principal: PrincipalOf<Name>;
  readonly params: RouteParams<Name>;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/**
 * Registers a route of the protocol. The handler's answer is sent as `{"data": …}`; what a handler answers that has
 * replied itself does not count. A GET route answers HEAD too.
 */
export function registerRoute<Name extends RouteName>(
  { app, library }: RouteDeps,
  name: Name,
  handle: (call: Call<Name>) => Promise<unknown>,
): void {
  const { method, path } = ROUTES[name];
  const url = `/${path.replace("{ref}", "*").replaceAll(/\{([^}]+)\}/g, ":$1")}`;
  app.route({
    method,
    url,
    exposeHeadRoute: method === "GET",
    handler: async (request, reply) => {
      const principal = await authorise(library, name, request.headers.authorization);
      const call = { principal, params: paramsOf(request), request, reply };
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- authorise() and Fastify see to it: a user where PrincipalOf says so, every placeholder filled
      const answer = await handle(call as unknown as Call<Name>);
      // A reply is a promise of its own end, so a handler's `return reply` has arrived here as undefined.
      return reply.sent ? reply : reply.send({ data: answer });
    },
  });
}

function paramsOf({ params }: FastifyRequest): Record<string, unknown> {
  const { "*": ref, ...named } = Object.fromEntries(
    Object.entries(typeof params === "object" && params !== null ? params : {}),
  );
  return ref === undefined ? named : { ...named, ref };
}
