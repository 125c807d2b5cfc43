import type { FastifyRequest } from "fastify";

import { queryKeys, queryText } from "../../http/query.js";

/**
 * Returns the arch that a request names, empty if none. Library client 0.5.3 to 1.0.2 (Singularity
 * 3.6 to 3.7.1) encodes the query of a delete as `?arch%3Damd64`: one key `arch=amd64` without
 * value.
 */
export function queryArch(request: FastifyRequest): string {
  const arch = queryText(request, "arch");
  if (arch !== "") return arch;
  const glued = queryKeys(request).find((key) => key.startsWith("arch="));
  return glued?.slice("arch=".length) ?? "";
}
