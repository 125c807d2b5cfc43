import type { FastifyInstance } from "fastify";

/** Asked every few seconds: not worth a line in the log, and not to be turned away when busy. */
const ROUTE = { logLevel: "warn", config: { isUnbounded: true } } as const;

/**
 * Adds `GET /healthz`, for load balancers: 200 with `{"status":"ok"}` if `check` resolves, else the
 * error that it throws.
 */
export function registerHealthRoute(app: FastifyInstance, check: () => Promise<void>): void {
  app.get("/healthz", ROUTE, async (_request, reply) => {
    await check();
    return reply.header("cache-control", "no-store").send({ status: "ok" });
  });
}
