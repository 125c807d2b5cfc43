import { once } from "node:events";
import { createServer, request as httpRequest, type IncomingMessage } from "node:http";

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
  /** Bytes of answered parts that were passed on since the last {@link CountingProxy.begin}. */
  readonly partBytes: number;
  /** Counts from 0 on; resolves when so many bytes of parts are passed on, and passes none on afterwards. */
  begin(haltAtBytes: number): Promise<void>;
  close(): Promise<void>;
}

/** Starts a proxy before the library at `target`, which has to answer with URLs at the host that it is asked at. */
export async function startCountingProxy(target: string): Promise<CountingProxy> {
  const count = { ranges: [] as AskedRange[], partBytes: 0, haltAt: Infinity, halted: () => {} };
  const server = createServer((request, response) => {
    const range = rangeOf(request);
    if (range !== undefined) count.ranges.push(range);
    const { method, headers } = request;
    const onward = httpRequest(new URL(request.url ?? "/", target), {
      method,
      headers,
      setHost: false,
    });
    request.pipe(onward);
    onward.on("error", () => response.destroy());
    onward.on("response", (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      if (answer.statusCode !== 206) return answer.pipe(response);
      answer.on("data", (chunk: Buffer) => {
        if (count.partBytes >= count.haltAt) {
          count.halted();
          return answer.pause();
        }
        count.partBytes += chunk.length;
        if (!response.write(chunk)) answer.pause();
        return undefined;
      });
      response.on("drain", () => answer.resume());
      answer.on("end", () => response.end());
      return response;
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
      return count.ranges;
    },
    get partBytes() {
      return count.partBytes;
    },
    begin: (haltAtBytes) =>
      new Promise((resolve) => {
        Object.assign(count, { ranges: [], partBytes: 0, haltAt: haltAtBytes, halted: resolve });
      }),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function rangeOf({ headers }: IncomingMessage): AskedRange | undefined {
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? "") ?? [];
  if (first === undefined) return undefined;
  return { offset: Number(first), length: Number(last) - Number(first) + 1 };
}
