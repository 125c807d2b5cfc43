import { ROUTES, type RouteParams } from "@sifshelf/protocol";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

import type { PrincipalUnder } from "../../access/access-rule.js";
import { authorise } from "../../accounts/authorise.js";
import type { Library } from "../../library/library.js";
import { LIBRARY_ACCESS, type LibraryRouteName } from "./access-table.js";

/** What routes are built on. */
export interface RouteDeps {
  readonly app: FastifyInstance;
  readonly library: Library;
}

/** One request, authorised by the access table, with the parameters of its path. */
export interface Call<Name extends LibraryRouteName> {
  readonly principal: PrincipalUnder<(typeof LIBRARY_ACCESS)[Name]>;
  readonly params: RouteParams<Name>;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** Requests that carry an image. The connections limit how many there are. */
const TRANSFERS: ReadonlySet<LibraryRouteName> = new Set([
  "downloadImage",
  "uploadImageV1",
  "sendUpload",
  "sendUploadPart",
  "receiveImage",
]);

/**
 * Registers a route of the Library protocol. What the handler returns is sent as `{"data": …}`,
 * unless the handler has replied itself. A GET route serves HEAD too.
 */
export function registerRoute<Name extends LibraryRouteName>(
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
    config: { isUnbounded: TRANSFERS.has(name) },
    handler: async (request, reply) => {
      const principal = await authorise(
        library,
        LIBRARY_ACCESS[name],
        request.headers.authorization,
      );
      const call = { principal, params: paramsOf(request), request, reply };
      // A user where PrincipalUnder says so, by authorise(); every placeholder filled, by Fastify.
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
      const data = await handle(call as unknown as Call<Name>);
      // A reply is a promise of its own end: a handler's `return reply` arrives here as undefined.
      // Returned data is sent by Fastify, without waiting for the end as `return reply` would.
      return reply.sent ? reply : { data };
    },
  });
}

/** The parameters of a path; a `{ref}` is a wildcard, which Fastify calls `*`. */
function paramsOf({ params }: FastifyRequest): object {
  if (typeof params !== "object" || params === null) return {};
  return "*" in params ? { ref: params["*"] } : params;
}
