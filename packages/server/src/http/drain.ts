import type { FastifyBaseLogger, FastifyInstance } from "fastify";

/**
 * Stops an app: it takes no new connections and closes idle ones. Requests in flight may take
 * `timeoutMs` to finish; then their connections are closed. Resolves when no connection is left.
 */
export async function drain(
  app: FastifyInstance,
  timeoutMs: number,
  logger: FastifyBaseLogger,
): Promise<void> {
  // Connections that become idle from now on would be kept as long as this says; 0 is for ever.
  app.server.keepAliveTimeout = 1;
  const cutOff = setTimeout(() => {
    logger.warn({ timeoutMs }, "requests did not finish in time and are cut off");
    app.server.closeAllConnections();
  }, timeoutMs);
  try {
    await app.close();
  } finally {
    clearTimeout(cutOff);
  }
}
