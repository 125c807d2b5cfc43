import type { FastifyInstance } from "fastify";

/**
 * Adds `GET /healthz`, for load balancers: 200 with `{"status":"ok"}` if `check` resolves, else the
 * error that it throws.
 */
export function registerHealthRoute(app: FastifyInstance, check: () => Promise<void>): void {
  app.get("/healthz", async (_request, reply) => {
    await check();
    return reply.header("cache-control", "no-store").send({ status: "ok" });
  });
}
