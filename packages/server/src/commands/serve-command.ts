import type { ServerConfig } from "../settings/settings.js";
import { createLogger } from "../logger.js";
import { startServer } from "../serve.js";

/**
 * Runs a server until it is told to stop by SIGTERM or SIGINT: requests in flight finish first. A second signal ends the process
 * at once. `note` gets the admin's token on the first start.
 */
export async function runServe(config: ServerConfig, note: (line: string) => void): Promise<void> {
  const stopped = stopSignal();
  const logger = createLogger({ level: config.logLevel });
  const server = await startServer({ ...config, logger });
  // Before the line that others wait for.
  if (server.adminToken !== undefined) note(`admin token: ${server.adminToken}`);
  logger.info({ url: server.url }, "listening");
  const signal = await stopped;
  logger.info({ signal }, "stopping");
  await server.close();
  logger.info("stopped");
}

function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const stop = (signal: NodeJS.Signals) => {
      resolve(signal);
      for (const name of ["SIGTERM", "SIGINT"] as const) {
        // Without a listener the signal's own effect is back: the process ends.
        process.removeListener(name, stop);
      }
    };
    process.on("SIGTERM", stop);
    process.on("SIGINT", stop);
  });
}
