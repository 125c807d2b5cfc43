import { type IncomingHttpHeaders, request } from "node:http";

/**
 * A request as it goes on the wire: no header is added but `Host`, `Connection` and the body's
 * length.
 */
export interface RawRequest {
  readonly method: string;
  /** Path and query, sent as they are. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** A reply, not interpreted. */
export interface RawReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Sends one request to the origin; redirects are not followed. */
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
