import type { ErrorResponse } from "@sifshelf/protocol";
import type { FastifyInstance } from "fastify";

const NO_KEYS =
  "this server has no key server yet; import keys from files, or let the server's admin name a key server with the setting keyServer";
const NO_REGISTRY = "this server has no OCI registry yet; use library:// refs, without --oci";

/**
 * Tells the tools that two services which they may expect of a remote endpoint are missing.
 *
 * Key lookups get 404, "no such key": `pull` and `verify` then go on, or report that the key is not
 * found, and print the text. A registry's root must not be 200 or 401, which would mean that one is
 * here; the tools print the text of its error.
 */
export async function missingServices(app: FastifyInstance): Promise<void> {
  await app.register(
    async (scope) =>
      scope.setNotFoundHandler(async (_request, reply) =>
        reply.code(404).send({ error: { code: 404, message: NO_KEYS } } satisfies ErrorResponse),
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
