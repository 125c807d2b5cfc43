import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

/** A received request. */
export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly authorization: string | undefined;
  /** All header lines, names and values. */
  readonly rawHeaders: readonly string[];
}

/** A real HTTP server on a free loopback port, with replies from the test. */
export interface ScriptedServer {
  readonly origin: string;
  /** `host:port`. */
  readonly host: string;
  readonly requests: SeenRequest[];
  close(): Promise<void>;
}

/** Returns the reply to one request; `undefined` is 404. */
export type Responder = (request: SeenRequest) => ScriptedReply | undefined;

/** A reply; `json` or `body`, status 200 by default. */
export interface ScriptedReply {
  readonly status?: number;
  readonly json?: unknown;
  readonly body?: Uint8Array | string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Starts a scripted server. Close it when done. */
export async function startScriptedServer(respond: Responder): Promise<ScriptedServer> {
  const requests: SeenRequest[] = [];
  const server = createServer((request, response) => {
    const seen = seenOf(request);
    requests.push(seen);
    request.resume();
    request.on("end", () => send(response, respond(seen)));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const host = `127.0.0.1:${address.port}`;
  return {
    origin: `http://${host}`,
    host,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function seenOf(request: IncomingMessage): SeenRequest {
  return {
    method: request.method ?? "",
    url: request.url ?? "",
    authorization: request.headers.authorization,
    rawHeaders: request.rawHeaders,
  };
}

function send(response: ServerResponse, reply: ScriptedReply | undefined): void {
  if (reply === undefined) {
    response.writeHead(404).end();
    return;
  }
  const body = reply.json === undefined ? reply.body : JSON.stringify(reply.json);
  response.writeHead(reply.status ?? 200, reply.headers).end(body);
}
