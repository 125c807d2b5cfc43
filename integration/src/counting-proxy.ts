import { once } from "node:events";
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";

/** A stretch of a file that a client asked for. */
export interface AskedRange {
  readonly offset: number;
  readonly length: number;
}

/** An HTTP proxy before a library that counts what it passes on, and can stop doing so. */
export interface CountingProxy {
  readonly url: string;
  /** Since the last {@link CountingProxy.begin}. */
  readonly ranges: readonly AskedRange[];
  /** Bytes of images that were passed on since the last {@link CountingProxy.begin}. */
  readonly partBytes: number;
  /**
   * Counts from 0 on, and passes on what was held; resolves when so many bytes of images are passed
   * on, and holds all others from then on.
   */
  begin(haltAtBytes: number): Promise<void>;
  /** From now on all answers that are under way bring other bytes than the library's. */
  spoil(): void;
  close(): Promise<void>;
}

/** What a proxy does. */
export interface CountingProxyOptions {
  /** Passes images on as wholes, as a library does that knows no ranges. */
  readonly isWhole?: boolean;
}

/** An answer with bytes of an image. */
interface Passing {
  readonly answer: IncomingMessage;
  readonly response: ServerResponse;
  isSpoilt: boolean;
}

/**
 * Starts a proxy before the library at `target`, which has to answer with URLs at the host that it
 * is asked at.
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
    if (!one.response.write(chunk)) one.answer.pause();
    if (partBytes < haltAt) return;
    for (const { answer } of passing) answer.pause();
    halted();
  };
  const passOn = (answer: IncomingMessage, response: ServerResponse) => {
    const one: Passing = { answer, response, isSpoilt: false };
    passing.add(one);
    answer.on("data", (chunk: Buffer) => pass(one, chunk));
    if (partBytes >= haltAt) answer.pause();
    response.on("drain", () => void (partBytes < haltAt && answer.resume()));
    response.on("close", () => passing.delete(one));
    answer.on("end", () => response.end());
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
    onward.on("response", (answer) => {
      const { "accept-ranges": _ranges, ...headers } = answer.headers;
      response.writeHead(answer.statusCode ?? 500, isWhole ? headers : answer.headers);
      if (hasImageBytes(answer, isWhole)) passOn(answer, response);
      else answer.pipe(response);
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
        for (const { answer } of passing) answer.resume();
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

/**
 * A whole image counts only where there is nothing else: others are given up when there are ranges
 * to be had.
 */
function hasImageBytes({ statusCode, headers }: IncomingMessage, isWhole: boolean): boolean {
  return statusCode === 206 || (isWhole && headers["content-type"] === "application/octet-stream");
}

function rangeOf({ headers }: IncomingMessage): AskedRange | undefined {
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? "") ?? [];
  if (first === undefined) return undefined;
  return { offset: Number(first), length: Number(last) - Number(first) + 1 };
}
