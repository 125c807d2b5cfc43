import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

/** A page in which `@sifshelf/sif` runs, bundled for browsers, and a file beside it. */
export interface SifPage {
  readonly url: string;
  /** Every request for the file: its method and the number of bytes sent. */
  readonly fileRequests: readonly { readonly method: string; readonly bytes: number }[];
  close(): Promise<void>;
}

/** No inline scripts, no evaluation, no WebAssembly, nothing from other origins. */
const POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'";
const HTML = '<!doctype html><title>sif</title><script type="module" src="/page.js"></script>';

/** Serves the page on loopback, and `file` as `/image.sif`. */
export async function serveSifPage(file: Uint8Array): Promise<SifPage> {
  const script = await bundledPage();
  const fileRequests: { method: string; bytes: number }[] = [];
  const server = createServer((request, response) => {
    if (request.url === "/image.sif") {
      fileRequests.push({ method: request.method ?? "", bytes: sendFile(file, request, response) });
    } else if (request.url === "/page.js") {
      response.setHeader("Content-Type", "text/javascript").end(script);
    } else {
      response.setHeader("Content-Security-Policy", POLICY);
      response.setHeader("Content-Type", "text/html").end(HTML);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return {
    // WebCrypto needs a secure context.
    url: `http://127.0.0.1:${port}/`,
    fileRequests,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

/** Sends the file or a range of it, and returns the number of bytes. */
function sendFile(file: Uint8Array, request: IncomingMessage, response: ServerResponse): number {
  const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "");
  if (range === null) {
    response.setHeader("Content-Length", file.length);
    response.end(request.method === "HEAD" ? undefined : file);
    return request.method === "HEAD" ? 0 : file.length;
  }
  const [start, end] = [Number(range[1]), Number(range[2])];
  response.statusCode = 206;
  response.setHeader("Content-Range", `bytes ${start}-${end}/${file.length}`);
  response.end(file.subarray(start, end + 1));
  return end + 1 - start;
}

async function bundledPage(): Promise<Uint8Array> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("page.ts", import.meta.url))],
    bundle: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    write: false,
    logLevel: "silent",
  });
  return outputFiles[0]?.contents ?? new Uint8Array();
}
