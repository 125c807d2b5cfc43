import type { ServerConfig } from "../settings/settings.js";
import { createLogger } from "../logger.js";
import { startServer } from "../serve.js";

/**
 * Runs a server until SIGTERM or SIGINT; requests in flight finish first. A second signal ends the
 * process immediately. On the first start, `note` receives the admin's token.
 */
export async function runServe(config: ServerConfig, note: (line: string) => void): Promise<void> {
  const stopped = stopSignal();
  const logger = createLogger({ level: config.logLevel });
  const server = await startServer({ ...config, logger });
  // Printed before the line that callers wait for.
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
        // Without a listener the signal has its default effect again: it ends the process.
        process.removeListener(name, stop);
      }
    };
    process.on("SIGTERM", stop);
    process.on("SIGINT", stop);
  });
}
