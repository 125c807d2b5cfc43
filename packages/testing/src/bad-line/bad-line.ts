import { once } from "node:events";
import {
  Agent,
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
} from "node:http";
import type { Socket } from "node:net";

import { seededRandom } from "../seeded-random.js";
import { untouched } from "./toxics.js";
import { replyWire, requestWire, type Toxic } from "./wire.js";

/**
 * A proxy on loopback before a library that passes requests on over real sockets, and does to them
 * what it is told.
 */
export interface BadLine {
  readonly url: string;
  /** `METHOD path` of all requests so far, with their query and range. */
  readonly requests: readonly LineRequest[];
  /** How many requests met a fault. */
  readonly faults: number;
  /** Decides on each request from now on; undefined: none meets a fault. */
  script: (script: LineScript | undefined) => void;
  close: () => Promise<void>;
}

/** A request as it came to the line. */
export interface LineRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** First and last byte that were asked for. */
  readonly range: readonly [number, number] | undefined;
  /** Number of the connection that it came on, from 1 on. */
  readonly connection: number;
}

/** The fault that a request meets; undefined: none. */
export type LineScript = (request: LineRequest) => LineFault | undefined;

/** Does something to an exchange. */
export type LineFault = (exchange: Exchange) => Promise<void>;

/** A request on its way to the library, and the answer on its way back. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** A number in [0, 1) that follows from the seed of the line. */
  readonly random: () => number;
  /** Sends the request on. Resolves with the library's answer, unread. */
  readonly forward: (change?: RequestChange) => Promise<IncomingMessage>;
  /** Passes the library's answer on. */
  readonly reply: (answer: IncomingMessage, body?: Toxic) => Promise<void>;
}

/** What becomes of a request on its way. */
export interface RequestChange {
  readonly body?: Toxic;
  /** Sent in place of the headers that came; `undefined` leaves one out. */
  readonly headers?: OutgoingHttpHeaders;
}

/**
 * Starts a line before the library at `target`, which has to answer with URLs at the host that it
 * is asked at.
 */
export async function startBadLine(target: string, seed = 1): Promise<BadLine> {
  const random = seededRandom(seed);
  const requests: LineRequest[] = [];
  const agent = new Agent({ keepAlive: true });
  let faults = 0;
  let decide: LineScript | undefined;
  const connections = new Map<Socket, number>();
  const numberOf = (socket: Socket) => {
    const number = connections.get(socket) ?? connections.size + 1;
    connections.set(socket, number);
    return number;
  };
  const server = createServer((request, response) => {
    const asked = lineRequest(request, numberOf(request.socket));
    requests.push(asked);
    const fault = decide?.(asked);
    if (fault !== undefined) faults += 1;
    const exchange = createExchange({ target, agent, random }, request, response);
    (fault ?? passOn)(exchange).catch(() => response.destroy());
  });
  // Uploads may be slow here on purpose.
  server.requestTimeout = 0;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    get faults() {
      return faults;
    },
    script: (script) => void (decide = script),
    close: async () => {
      agent.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** A sound line. */
export const passOn: LineFault = async ({ forward, reply }) => reply(await forward());

function lineRequest(
  { method = "", url = "", headers }: IncomingMessage,
  connection: number,
): LineRequest {
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? "") ?? [];
  const range = first === undefined ? undefined : ([Number(first), Number(last)] as const);
  return { method, path: url, range, connection };
}

interface LineEnds {
  readonly target: string;
  readonly agent: Agent;
  readonly random: () => number;
}

function createExchange(
  { target, agent, random }: LineEnds,
  request: IncomingMessage,
  response: ServerResponse,
): Exchange {
  return {
    request,
    response,
    random,
    async forward({ body = untouched, headers = {} } = {}) {
      const onward = httpRequest(new URL(request.url ?? "/", target), {
        agent,
        method: request.method,
        headers: withoutAbsent({ ...request.headers, ...headers }),
        setHost: false,
      });
      response.once("close", () => onward.destroy());
      const answered = once(onward, "response");
      // A client that goes away ends the request on both sides.
      body(request, requestWire(request, onward, random)).catch(() => onward.destroy());
      const [answer] = await answered;
      return answer;
    },
    async reply(answer, body = untouched) {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      await body(answer, replyWire(response, random));
    },
  };
}

function withoutAbsent(headers: OutgoingHttpHeaders): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));
}
