import { once } from "node:events";
import { type IncomingMessage, type ServerResponse, createServer, request } from "node:http";
import { pipeline } from "node:stream/promises";

import type { PageFiles } from "./bundle-page.js";

/** A page that is being served. */
export interface ServedPage {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves the page's files on a free loopback port, and forwards every other request to the library,
 * including the `Host` header, from which the library builds the URLs of transfers. A reverse proxy
 * in front of a real site does the same.
 */
export async function servePage(files: PageFiles, libraryUrl: string): Promise<ServedPage> {
  const server = createServer((incoming, reply) => {
    const file = files.get(incoming.url ?? "");
    if (file === undefined) {
      passOn(incoming, reply, libraryUrl).catch(() => reply.destroy());
      return;
    }
    reply.writeHead(200, { "content-type": file.type });
    reply.end(file.bytes);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

async function passOn(
  incoming: IncomingMessage,
  reply: ServerResponse,
  libraryUrl: string,
): Promise<void> {
  const { method, headers } = incoming;
  const outgoing = request(new URL(incoming.url ?? "/", libraryUrl), { method, headers });
  const sent = pipeline(incoming, outgoing);
  const returned = once(outgoing, "response").then(([response]: IncomingMessage[]) => {
    reply.writeHead(response?.statusCode ?? 502, response?.headers);
    return response && pipeline(response, reply);
  });
  await Promise.all([sent, returned]);
}
