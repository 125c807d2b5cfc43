import { once } from "node:events";
import { createServer, type IncomingMessage, request as httpRequest } from "node:http";

/** An HTTP proxy in front of a library that observes the parts of uploads. */
export interface UploadProxy {
  readonly url: string;
  /** Number of every part whose sending began since the last {@link UploadProxy.begin}. */
  readonly partsBegun: readonly number[];
  /** Numbers of the parts that got a 200 reply since then. */
  readonly partsTaken: readonly number[];
  /** Resolves when a completion passes. */
  readonly completing: Promise<void>;
  /**
   * Resets what it observed; resolves when that many bytes of parts have passed, or before the
   * completion passes. From then on only replies pass. With `Infinity` everything passes.
   */
  begin(haltAtBytes: number): Promise<void>;
  close(): Promise<void>;
}

const PART = /^\/transfers\/uploads\/[^/]+\/parts\/([0-9]+)/;

/**
 * Starts a proxy in front of the library at `target`, which must build URLs from the request's
 * host.
 */
export async function startUploadProxy(target: string): Promise<UploadProxy> {
  const seen = { begun: [] as number[], taken: [] as number[], bytes: 0, haltAt: Infinity };
  let halt = () => {};
  let complete = () => {};
  let completing = Promise.resolve();
  // A connection that is not read does not report that its peer has closed.
  const held = new Set<IncomingMessage>();
  const server = createServer((request, response) => {
    const { method, headers, url = "/" } = request;
    const part = Number(PART.exec(url)?.[1] ?? 0);
    const isCompletion = url.endsWith("_multipart_complete");
    if (part > 0) seen.begun.push(part);
    if (isCompletion && seen.haltAt < Infinity) return halt();
    if (isCompletion) complete();
    const options = { method, headers, setHost: false };
    const onward = httpRequest(new URL(url, target), options);
    request.on("data", (chunk: Buffer) => {
      if (part > 0) seen.bytes += chunk.length;
      if (part > 0 && seen.bytes > seen.haltAt) {
        held.add(request.pause());
        return halt();
      }
      if (!onward.write(chunk)) request.pause();
      return undefined;
    });
    onward.on("drain", () => request.resume());
    request.on("end", () => onward.end());
    onward.on("error", () => response.destroy());
    onward.on("response", (reply) => {
      if (part > 0 && reply.statusCode === 200) seen.taken.push(part);
      response.writeHead(reply.statusCode ?? 500, reply.headers);
      reply.pipe(response);
    });
    response.on("close", () => onward.destroy());
    return undefined;
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    get partsBegun() {
      return seen.begun;
    },
    get partsTaken() {
      return seen.taken;
    },
    get completing() {
      return completing;
    },
    begin: (haltAtBytes) =>
      new Promise((resolve) => {
        for (const request of held) request.destroy();
        held.clear();
        halt = resolve;
        completing = new Promise((passes) => {
          complete = passes;
        });
        Object.assign(seen, { begun: [], taken: [], bytes: 0, haltAt: haltAtBytes });
      }),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
