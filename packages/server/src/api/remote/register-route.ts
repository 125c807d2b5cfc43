import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

import type { PrincipalUnder } from "../../access/access-rule.js";
import { authorise } from "../../accounts/authorise.js";
import type { Library } from "../../library/library.js";
import { REMOTE_ACCESS, REMOTE_ROUTES, type RemoteRouteName } from "./remote-routes.js";

/** What routes are built on. */
export interface RemoteDeps {
  readonly app: FastifyInstance;
  readonly library: Library;
  /** URL under which clients reach the server; undefined: as each request's `Host` says. */
  readonly publicUrl: string | undefined;
  /** URI of the key server that clients are to use; undefined: this server. */
  readonly keyServer: string | undefined;
}

/** One request, authorised by its rule. */
export interface RemoteCall<Name extends RemoteRouteName> {
  readonly principal: PrincipalUnder<(typeof REMOTE_ACCESS)[Name]>;
  readonly params: ParamsOf<(typeof REMOTE_ROUTES)[Name]["path"]>;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** The placeholders of a path, with a text for each. */
type ParamsOf<Path extends string> = Readonly<Record<PlaceholderOf<Path>, string>>;

type PlaceholderOf<Path extends string> = Path extends `${string}{${infer Key}}${infer Rest}`
  ? Key | PlaceholderOf<Rest>
  : never;

/**
 * Registers a route of the remote endpoint. What the handler returns is the body. Serves HEAD too.
 */
export function registerRemoteRoute<Name extends RemoteRouteName>(
  { app, library }: RemoteDeps,
  name: Name,
  handle: (call: RemoteCall<Name>) => Promise<unknown>,
): void {
  const { method, path } = REMOTE_ROUTES[name];
  app.route({
    method,
    url: `/${path.replaceAll(/\{([^}]+)\}/g, ":$1")}`,
    handler: async (request, reply) => {
      const principal = await authorise(
        library,
        REMOTE_ACCESS[name],
        request.headers.authorization,
      );
      const call = { principal, params: request.params, request, reply };
      // A user where PrincipalUnder says so, by authorise(); every placeholder filled, by Fastify.
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
      return handle(call as unknown as RemoteCall<Name>);
    },
  });
}
