import type { FastifyRequest } from "fastify";

/** Returns a query parameter: the first if it is given more than once, empty if it is absent. */
export function queryText({ query }: FastifyRequest, key: string): string {
  const value: unknown = isRecord(query) && Object.hasOwn(query, key) ? query[key] : undefined;
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return typeof first === "string" ? first : "";
}

/** Returns the names of the query parameters. */
export function queryKeys({ query }: FastifyRequest): readonly string[] {
  return isRecord(query) ? Object.keys(query) : [];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
