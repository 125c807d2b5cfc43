import type { ErrorResponse } from "@sifshelf/protocol";
import type { FastifyInstance } from "fastify";

const NO_KEYS =
  "this server has no key server yet; import keys from files, or let the server's admin name a key server with the setting keyServer";
const NO_REGISTRY = "this server has no OCI registry yet; use library:// refs, without --oci";

/**
 * Tells the tools that two services which they may expect of a remote endpoint are missing.
 *
 * Key requests get 501, which HKP defines for operations that a server does not support: the tools
 * print the text, and verification goes on without the key. A 404 would read as "no such key", and
 * the text would be lost. A registry's root gets 404: 200 or 401 would mean that one is here.
 */
export async function missingServices(app: FastifyInstance): Promise<void> {
  await app.register(
    async (scope) =>
      scope.setNotFoundHandler(async (_request, reply) =>
        reply.code(501).send({ error: { code: 501, message: NO_KEYS } } satisfies ErrorResponse),
      ),
    { prefix: "/pks" },
  );
  await app.register(
    async (scope) =>
      scope.setNotFoundHandler(async (_request, reply) =>
        reply.code(404).send({ errors: [{ code: "UNSUPPORTED", message: NO_REGISTRY }] }),
      ),
    { prefix: "/v2" },
  );
}
