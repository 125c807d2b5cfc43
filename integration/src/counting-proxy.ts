import { once } from "node:events";
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";

/** A range of a file that a client requested. */
export interface AskedRange {
  readonly offset: number;
  readonly length: number;
}

/** An HTTP proxy in front of a library that counts what it forwards, and can stop forwarding. */
export interface CountingProxy {
  readonly url: string;
  /** Since the last {@link CountingProxy.begin}. */
  readonly ranges: readonly AskedRange[];
  /** Bytes of images that it forwarded since the last {@link CountingProxy.begin}. */
  readonly partBytes: number;
  /**
   * Resets the counts and forwards what was held; resolves when that many bytes of images are
   * forwarded, and holds all further ones.
   */
  begin(haltAtBytes: number): Promise<void>;
  /** From now on all replies in progress carry wrong bytes. */
  spoil(): void;
  close(): Promise<void>;
}

/** Options of a proxy. */
export interface CountingProxyOptions {
  /** Forwards whole images, like a library without ranges. */
  readonly isWhole?: boolean;
}

/** A reply with bytes of an image. */
interface Passing {
  readonly reply: IncomingMessage;
  readonly response: ServerResponse;
  isSpoilt: boolean;
}

/**
 * Starts a proxy in front of the library at `target`, which must build URLs from the request's
 * host.
 */
export async function startCountingProxy(
  target: string,
  { isWhole = false }: CountingProxyOptions = {},
): Promise<CountingProxy> {
  let ranges: AskedRange[] = [];
  let [partBytes, haltAt] = [0, Infinity];
  let halted = () => {};
  const passing = new Set<Passing>();
  const pass = (one: Passing, chunk: Buffer) => {
    if (one.isSpoilt) for (const [index, byte] of chunk.entries()) chunk[index] = byte ^ 0xff;
    partBytes += chunk.length;
    if (!one.response.write(chunk)) one.reply.pause();
    if (partBytes < haltAt) return;
    for (const { reply } of passing) reply.pause();
    halted();
  };
  const passOn = (reply: IncomingMessage, response: ServerResponse) => {
    const one: Passing = { reply, response, isSpoilt: false };
    passing.add(one);
    reply.on("data", (chunk: Buffer) => pass(one, chunk));
    if (partBytes >= haltAt) reply.pause();
    response.on("drain", () => void (partBytes < haltAt && reply.resume()));
    response.on("close", () => passing.delete(one));
    reply.on("end", () => response.end());
  };
  const server = createServer((request, response) => {
    const range = rangeOf(request);
    if (range !== undefined) ranges.push(range);
    const { range: _, ...others } = request.headers;
    const onward = httpRequest(new URL(request.url ?? "/", target), {
      method: request.method,
      headers: isWhole ? others : request.headers,
      setHost: false,
    });
    request.pipe(onward);
    onward.on("error", () => response.destroy());
    onward.on("response", (reply) => {
      const { "accept-ranges": _ranges, ...headers } = reply.headers;
      response.writeHead(reply.statusCode ?? 500, isWhole ? headers : reply.headers);
      if (hasImageBytes(reply, isWhole)) passOn(reply, response);
      else reply.pipe(response);
    });
    response.on("close", () => onward.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    get ranges() {
      return ranges;
    },
    get partBytes() {
      return partBytes;
    },
    begin: (haltAtBytes) =>
      new Promise((resolve) => {
        [ranges, partBytes, haltAt, halted] = [[], 0, haltAtBytes, resolve];
        for (const { reply } of passing) reply.resume();
      }),
    spoil: () => {
      for (const one of passing) one.isSpoilt = true;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** A whole image counts only without ranges: with ranges, clients abandon whole replies. */
function hasImageBytes({ statusCode, headers }: IncomingMessage, isWhole: boolean): boolean {
  return statusCode === 206 || (isWhole && headers["content-type"] === "application/octet-stream");
}

function rangeOf({ headers }: IncomingMessage): AskedRange | undefined {
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? "") ?? [];
  if (first === undefined) return undefined;
  return { offset: Number(first), length: Number(last) - Number(first) + 1 };
}
