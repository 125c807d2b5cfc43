import type { FastifyRequest } from "fastify";

/** The text of a query parameter: the first if it stands there more than once, empty if it does not. */
export function queryText(request: FastifyRequest, key: string): string {
  const value = queryOf(request).get(key);
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return typeof first === "string" ? first : "";
}

/**
 * The arch that a request asks for, empty if none. Library client 0.5.3 to 1.0.2 (Singularity 3.6 to 3.7.1) encodes its delete as
 * `?arch%3Damd64`: one key `arch=amd64` without a value.
 */
export function queryArch(request: FastifyRequest): string {
  const arch = queryText(request, "arch");
  if (arch !== "") return arch;
  const glued = [...queryOf(request).keys()].find((key) => key.startsWith("arch="));
  return glued?.slice("arch=".length) ?? "";
}

function queryOf(request: FastifyRequest): Map<string, unknown> {
  const { query } = request;
  return new Map(Object.entries(typeof query === "object" && query !== null ? query : {}));
}
