/**
 * Serves a library and a page that uses it in the browser: `node examples/dist/browser.js
 * [folder]`. The page's script is bundled with esbuild; page and library share one origin, so the
 * browser needs no further permission.
 */
import { once } from "node:events";
import { fileURLToPath } from "node:url";

import { startServer } from "@sifshelf/server";

import { bundlePage } from "./browser/bundle-page.js";
import { servePage } from "./browser/serve-page.js";
import { runExample } from "./run-example.js";

const SOURCES = fileURLToPath(new URL("../src/browser/", import.meta.url));

await runExample("browser", async ({ args: [data = "library-data"], say, signal }) => {
  const files = await bundlePage(SOURCES);
  const library = await startServer({ data, listen: { host: "127.0.0.1", port: 0 } });
  const page = await servePage(files, library.url);
  try {
    say(`page: ${page.url}`);
    if (library.adminToken !== undefined) say(`token: ${library.adminToken}`);
    if (!signal.aborted) await once(signal, "abort");
  } finally {
    await page.close();
    await library.close();
  }
});
