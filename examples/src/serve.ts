/**
 * Runs a library inside this program until it is interrupted: `node examples/dist/serve.js
 * [folder]`.
 */
import { once } from "node:events";

import { createLogger, startServer } from "@sifshelf/server";

import { runExample } from "./run-example.js";

await runExample("serve", async ({ args: [data = "library-data"], say, signal }) => {
  const server = await startServer({
    data,
    listen: { host: "127.0.0.1", port: 0 },
    maxImageBytes: 10 * 2 ** 30,
    logger: createLogger({ level: "warn" }),
  });
  try {
    say(`SIFSHELF_LIBRARY=${server.url}`);
    // Only the first start on a folder creates a token; keep it.
    if (server.adminToken !== undefined) say(`SIFSHELF_TOKEN=${server.adminToken}`);
    if (!signal.aborted) await once(signal, "abort");
  } finally {
    await server.close();
  }
});
