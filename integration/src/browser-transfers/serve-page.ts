import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

/** A server of a test, on loopback. */
export interface TestSite {
  /** Without a slash at its end. */
  readonly origin: string;
  readonly port: number;
  close(): Promise<void>;
}

/** No inline scripts, no evaluation, no WebAssembly; connections to this machine alone. */
const POLICY =
  "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src http://127.0.0.1:* http://localhost:*";
const HTML =
  '<!doctype html><title>transfers</title><input type="file"><script type="module" src="/page.js"></script>';

/**
 * Serves `/` and `/page.js`, the page in which the client runs, bundled for browsers. Returns false
 * for all other paths.
 */
export type PageHandler = (...exchange: Parameters<RequestListener>) => boolean;

/** Bundles the page. */
export async function buildPage(): Promise<PageHandler> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("page.ts", import.meta.url))],
    bundle: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    write: false,
    logLevel: "silent",
  });
  const script = outputFiles[0]?.contents ?? new Uint8Array();
  return ({ url }, response) => {
    if (url !== "/" && url !== "/page.js") return false;
    const isPage = url === "/";
    if (isPage) response.setHeader("Content-Security-Policy", POLICY);
    response.setHeader("Content-Type", isPage ? "text/html" : "text/javascript");
    response.end(isPage ? HTML : script);
    return true;
  };
}

/** Listens on a free port. */
export async function serveSite(handler: RequestListener): Promise<TestSite> {
  const server = createServer(handler);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  return {
    // WebCrypto needs a secure context.
    origin: `http://127.0.0.1:${port}`,
    port,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
