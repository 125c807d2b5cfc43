import type { FastifyBaseLogger, FastifyInstance } from "fastify";

/**
 * Stops an app: it takes no new connections and closes idle ones, requests in flight may finish for `timeoutMs`, then what is left
 * is cut off. Answers when no connection is left.
 */
export async function drain(
  app: FastifyInstance,
  timeoutMs: number,
  logger: FastifyBaseLogger,
): Promise<void> {
  // Connections that become idle from now on would be kept for as long as the timeout says; 0 would mean for ever.
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
