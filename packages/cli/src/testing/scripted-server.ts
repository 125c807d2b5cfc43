import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

/** A request as it arrived. */
export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly authorization: string | undefined;
  /** All header lines, names and values. */
  readonly rawHeaders: readonly string[];
}

/** A real HTTP server on a free loopback port that answers as a test says. */
export interface ScriptedServer {
  readonly origin: string;
  /** `host:port`. */
  readonly host: string;
  readonly requests: SeenRequest[];
  close(): Promise<void>;
}

/** Answers one request; `undefined` is 404. */
export type Answer = (request: SeenRequest) => ScriptedReply | undefined;

/** A reply; `json` or `body`, status 200 by default. */
export interface ScriptedReply {
  readonly status?: number;
  readonly json?: unknown;
  readonly body?: Uint8Array | string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Starts a scripted server. Close it when done. */
export async function startScriptedServer(answer: Answer): Promise<ScriptedServer> {
  const requests: SeenRequest[] = [];
  const server = createServer((request, response) => {
    const seen = seenOf(request);
    requests.push(seen);
    request.resume();
    request.on("end", () => reply(response, answer(seen)));
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

function reply(response: ServerResponse, answer: ScriptedReply | undefined): void {
  if (answer === undefined) {
    response.writeHead(404).end();
    return;
  }
  const body = answer.json === undefined ? answer.body : JSON.stringify(answer.json);
  response.writeHead(answer.status ?? 200, answer.headers).end(body);
}
