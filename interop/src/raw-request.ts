import { type IncomingHttpHeaders, request } from "node:http";

/** A request exactly as on the wire: only `Host`, `Connection` and the body's length are added. */
export interface RawRequest {
  readonly method: string;
  /** Path and query, sent as they are. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** An uninterpreted reply. */
export interface RawReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Sends one request to the origin, without following redirects. */
export async function rawRequest(origin: string, sent: RawRequest): Promise<RawReply> {
  const { hostname, port } = new URL(origin);
  const { method, path, headers = {}, body } = sent;
  return await new Promise((resolve, reject) => {
    const outgoing = request({ hostname, port, method, path, headers, agent: false }, (reply) => {
      const chunks: Buffer[] = [];
      reply.on("data", (chunk: Buffer) => chunks.push(chunk));
      reply.on("error", reject);
      reply.on("end", () => {
        const status = reply.statusCode ?? 0;
        resolve({ status, headers: reply.headers, body: Buffer.concat(chunks) });
      });
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}
